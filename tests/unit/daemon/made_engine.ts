import { Clock } from "../../../src/daemon/clocks.ts";
import { Engine, type EngineOptions } from "../../../src/daemon/engine.ts";
import { ListRows } from "../../../src/daemon/list_rows.ts";
import { Log } from "../../../src/daemon/log.ts";
import { Peer } from "../../../src/peer/peer.ts";
import { hostKey, TEST_SIGNATURES } from "../../support/host_keys.ts";

/** The engine of a host named alpha, at one moment unless it has a clock, which tells nobody anything unless told otherwise. */
export function madeEngine(
  { now = () => 1_000, ...changed }: Partial<EngineOptions> & {
    readonly now?: () => number;
  },
): Engine {
  const clock = new Clock({ now, wallClock: now });
  const peer = new Peer({
    identity: {
      key: hostKey("alpha"),
      boot: 1,
      name: "alpha",
      version: "0.1.0",
    },
    pastBoot: 0,
    announceIntervalMs: 30_000,
    random: () => 0.5,
    freshKey: () => hostKey("fresh"),
    signatures: TEST_SIGNATURES,
  });
  return new Engine({
    peer,
    clock,
    rows: new ListRows(peer.inventory, clock),
    log: new Log({ level: "error", format: "text" }, {
      write: () => {},
      timeOfDay: () => new Date(0),
    }),
    send: () => {},
    keepIdentity: () => {},
    onChange: () => {},
    ...changed,
  });
}
