import {
  isEnvelope,
  openEnvelope,
  writeEnvelope,
} from "../../src/codec/envelope.ts";
import { readDatagram } from "../../src/codec/read_datagram.ts";
import type { Dice } from "./dice.ts";
import { lieAbout, lieOf, type Victim } from "./liars.ts";
import type { SiteLie } from "./sites_scenario.ts";
import { garbage } from "./strangers.ts";

/** A site that there is not. */
export const FALSE_SITE = "nowhere";

/** The end of no tunnel, and on no network. */
const NO_PEER = "10.8.99.99";

/** What a liar sends, and where from; `null`: from a peer, or from a host of the LAN. */
export interface SiteLies {
  readonly bytes: Uint8Array;
  readonly from: string | null;
}

interface LiarKnows {
  readonly dice: Dice;
  /** What went over the networks, or through the tunnels. */
  readonly heard: readonly Uint8Array[];
  readonly victim: Victim | null;
  readonly sites: readonly (string | null)[];
}

/** What a liar makes of what he heard anywhere. He has no key, and nobody's private key. */
export function siteLie(
  kind: SiteLie,
  { dice, heard, victim, sites }: LiarKnows,
): SiteLies | null {
  if (heard.length === 0) return null;
  // Mostly what others may still have to hear.
  const said = dice.chance(0.7) ? heard.slice(-8) : heard;
  const bytes = dice.pick(said);
  const { site, from, datagram } = opened(bytes);
  const again = { site: site ?? dice.pick(sites), from: from ?? "11.0.0.99" };
  const near = (bytes: Uint8Array) => ({ bytes, from: null });
  switch (kind) {
    case "replay-to-lan":
    case "replay-to-relay":
      return near(bytes);
    case "other-site":
      return near(writeEnvelope({
        ...again,
        site: dice.chance(0.5) ? FALSE_SITE : dice.pick(sites),
      }, datagram));
    case "other-address":
      return near(writeEnvelope({ ...again, from: "11.0.7.7" }, datagram));
    case "wrap-garbage":
      return near(writeEnvelope(again, garbage(dice, datagram)));
    case "wrap-lie": {
      if (victim === null) return null;
      const number = dice.whole(0, 1e5) * 10 + 1;
      const lie = lieAbout(victim, { lie: lieOf(number), number: number % 3 });
      return near(writeEnvelope(again, lie));
    }
    case "nest":
      return near(writeEnvelope(again, writeEnvelope(again, datagram)));
    case "from-no-peer":
      return {
        bytes: writeEnvelope({ ...again, site: FALSE_SITE }, datagram),
        from: NO_PEER,
      };
    case "false-hello":
      return near(
        writeEnvelope({ site: FALSE_SITE, from: null }, new Uint8Array()),
      );
    case "false-question": {
      const questions = heard.map((one) => opened(one).datagram)
        .filter(isQuestion);
      if (questions.length === 0) return null;
      const question = dice.pick(questions);
      return near(
        dice.chance(0.5)
          ? question
          : writeEnvelope({ ...again, from: null }, question),
      );
    }
  }
}

/** Who asks without an announcement says no id. */
export function isQuestion(datagram: Uint8Array): boolean {
  const header = headerOf(datagram);
  return header !== null && header.ask && header.id === null;
}

/** `null`: it is of no announcement, and no question. */
export const headerOf = once((datagram) => {
  const read = readDatagram(datagram);
  return read.format === 2 ? read.header : null;
});

/** What is in an envelope; what is in none stands for itself. */
export const opened = once((bytes) => {
  const envelope = isEnvelope(bytes) ? openEnvelope(bytes) : null;
  return envelope?.format === "envelope"
    ? { isEnvelope: true, ...envelope }
    : { isEnvelope: false, site: null, from: null, datagram: bytes };
});

/** The checkers and the liars look at the same datagrams again and again. */
function once<Read>(
  read: (bytes: Uint8Array) => Read,
): (bytes: Uint8Array) => Read {
  const known = new WeakMap<Uint8Array, { readonly read: Read }>();
  return (bytes) => {
    const one = known.get(bytes) ?? { read: read(bytes) };
    known.set(bytes, one);
    return one.read;
  };
}
