import assert from "node:assert/strict";
import { Hub, type HubLink } from "../../../src/daemon/hub.ts";
import type { Clock } from "../../../src/daemon/clocks.ts";
import type { Log } from "../../../src/daemon/log.ts";
import type { ToldList } from "../../../src/peer/told_lists.ts";
import { eventually } from "../../support/eventually.ts";

const [ID, NEAR] = ["0".repeat(32), "1".repeat(32)];

/** A hub with a connection that takes everything. */
function makeHub(
  link: Partial<HubLink>,
  options: Partial<ConstructorParameters<typeof Hub>[0]>,
): Hub {
  const closed = Promise.withResolvers<null>();
  const whole = {
    server: "nats://192.0.2.1:4222",
    ended: () => closed.promise,
    onRefusal: () => closed.promise.then(() => {}),
    openBucket: () =>
      Promise.resolve({
        isMade: false,
        madeAt: "",
        firstRevision: 1,
        lastRevision: 0,
        isRepublished: true,
        values: 1,
      }),
    readAll: () => Promise.resolve(0),
    listen: () => {},
    answer: () => {},
    say: () => {},
    close: () => Promise.resolve(closed.resolve(null)),
    ...link,
  } as unknown as HubLink;
  return new Hub({
    servers: [whole.server],
    bucket: "diskd",
    site: "home",
    isWatching: false,
    everyMs: () => 1,
    open: () => Promise.resolve(whole),
    id: () => ID,
    address: () => "192.0.2.2",
    mark: () => "1 1",
    announcement: () => [new Uint8Array(1)],
    goodbye: () => [],
    others: () => [],
    nearList: () => null,
    receive: () => {},
    system: { now: () => 0, wallClock: () => 0, random: () => 0.5 },
    clock: { now: () => 0, timeOfDay: () => "" } as unknown as Clock,
    log: { info() {}, warn() {} } as unknown as Log,
    ...options,
  });
}

Deno.test("Hub goes on to speak for a host though its own words come back first", async () => {
  let takePut: Parameters<HubLink["listen"]>[0] = () => {};
  let rev = 1;
  const puts: string[] = [];
  const hub = makeHub({
    listen: (onPut) => takePut = onPut,
    put: (key, value) => {
      if (key.includes(NEAR)) puts.push(key);
      takePut(key, value);
      return Promise.resolve(1);
    },
  }, {
    isWatching: true,
    everyMs: () => 1_000,
    others: () => [NEAR],
    nearList: (id) =>
      ({
        id,
        boot: 1,
        rev,
        parts: new Map([[1, new Uint8Array(1)]]),
        count: 1,
        isGone: false,
        place: { from: "192.0.2.3" },
      }) as unknown as ToldList,
  });
  hub.start();
  await eventually(() => assert.equal(puts.length, 1));
  rev++;
  hub.hostSaid(NEAR);
  await eventually(() => assert.equal(puts.length, 2));
  await hub.stop();
});
