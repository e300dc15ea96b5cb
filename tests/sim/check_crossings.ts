import { PEER_ANSWER_GAP_MS } from "../../src/peer/peer_states.ts";
import { RELAY_ANSWER_GAP_MS } from "../../src/peer/relay.ts";
import type { Sent } from "./history.ts";
import type { SitesHistory } from "./sites_history.ts";
import { headerOf, isQuestion, opened } from "./sites_liars.ts";

/** From a question until the last of the answer has left, however busy the LAN is. */
const ANSWER_MS = 4_000;

/** A datagram of a host that a relay passes on. */
interface Crossing extends Sent {
  readonly what: string;
  readonly areRemarks: boolean;
}

/** Those who asked a relay for what it knows. */
type Asked = readonly Omit<Sent, "by" | "bytes">[];

/**
 * Each datagram of a host passes a relay at most once in each direction. A
 * relay that is asked may say it again, but not sooner than it answers.
 */
export function checkCrossings(history: SitesHistory): string[] {
  const { wire, questions } = history;
  const crossings = Map.groupBy(
    wire.map(crossingOf).filter((crossing) => crossing !== null),
    ({ by, to, what }) => `${by} to ${to}: ${what}`,
  );
  const asked: Asked = [
    ...wire.filter(({ bytes }) => isQuestion(opened(bytes).datagram)),
    ...questions,
  ];
  return [...crossings].flatMap(([key, all]) =>
    all.slice(1).flatMap((again, i) =>
      problemsOf(again, {
        answeredAt: i === 0 ? -Infinity : all[i]!.at,
        asked,
      }).map((problem) => `At ${again.at} ${key} ${problem}`)
    )
  );
}

/** A relay tells no LAN what its host said there itself: all heard it. */
export function checkReturns({ wire }: SitesHistory): string[] {
  const heard = new Set(
    wire.flatMap(({ to, bytes }) => {
      const what = opened(bytes).isEnvelope ? null : whatOf(bytes);
      return what === null ? [] : [`${to}: ${what}`];
    }),
  );
  return wire.map(crossingOf).filter((crossing) => crossing !== null)
    .filter(({ to, what }) => heard.has(`${to}: ${what}`))
    .map(({ at, by, to, what }) =>
      `At ${at} ${by} tells ${to} what was said there: ${what}`
    );
}

function problemsOf(
  { at, from, to, areRemarks }: Crossing,
  { answeredAt, asked }: {
    /** The one before, unless that was no answer. */
    readonly answeredAt: number;
    readonly asked: Asked;
  },
): string[] {
  if (areRemarks) return ["passes twice"];
  const [medium, peer] = to.split(" ");
  const gapMs = peer === undefined ? RELAY_ANSWER_GAP_MS : PEER_ANSWER_GAP_MS;
  const isAsked = asked.some((question) =>
    question.at <= at && question.at > at - gapMs - ANSWER_MS &&
    (peer === undefined
      ? question.to === to
      : question.to === `${medium} ${from}` && question.from === peer)
  );
  return [
    ...isAsked ? [] : ["passes twice, and nobody asked"],
    ...at - answeredAt < gapMs - ANSWER_MS / 2
      ? [`answers again after ${at - answeredAt} ms`]
      : [],
  ];
}

/** `null`: the relay speaks for itself. */
function crossingOf(sent: Sent): Crossing | null {
  const { isEnvelope, from, datagram } = opened(sent.bytes);
  if (!isEnvelope || from === null) return null;
  const what = whatOf(datagram);
  return what === null
    ? { ...sent, what: new TextDecoder().decode(datagram), areRemarks: true }
    : { ...sent, what, areRemarks: false };
}

/** Which datagram of an announcement; `null`: it is of none. */
function whatOf(datagram: Uint8Array): string | null {
  const header = headerOf(datagram);
  if (header === null) return null;
  const { id, boot, seq, part } = header;
  return `${id} ${boot} ${seq} ${part}`;
}
