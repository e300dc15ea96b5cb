import assert from "node:assert/strict";
import { Clock } from "../../../src/daemon/clocks.ts";
import { FarPeers } from "../../../src/daemon/far_peers.ts";
import { Log } from "../../../src/daemon/log.ts";

/** What is logged of peers by a host that is told to use these settings. */
async function logged(
  ...choices: readonly {
    peers: readonly string[];
    keysMode: "open" | "require";
  }[]
): Promise<string[]> {
  const lines: string[] = [];
  const made = choices.map((choice) => ({
    site: "home",
    relay: false,
    ...choice,
  }));
  const peers = new FarPeers({
    choice: made[0]!,
    port: 0,
    hostName: () => "alpha",
    isNear: () => false,
    receive: () => false,
    use: () => {},
    states: () => [],
    system: { now: () => 0, lookUp: () => Promise.resolve([]) },
    clock: new Clock({ now: () => 0, wallClock: () => 0 }),
    log: new Log({ level: "warn", format: "text" }, {
      write: (line) => lines.push(line),
      timeOfDay: () => new Date(0),
    }),
  });
  await peers.start();
  for (const choice of made.slice(1)) await peers.use(choice);
  await peers.stop();
  return lines;
}

Deno.test("a relay without a required shared key warns once", async () => {
  const open = { peers: ["cabin.example"], keysMode: "open" } as const;
  const lines = await logged(open, open);
  const warned = lines.filter((line) => line.includes("No shared key"));
  assert.equal(warned.length, 1, lines.join("\n"));
  const safe = await logged({ ...open, keysMode: "require" });
  assert.ok(!safe.some((line) => line.includes("No shared key")));
  assert.deepEqual(await logged({ ...open, peers: [] }), []);
});
