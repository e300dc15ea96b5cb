import assert from "node:assert/strict";
import { TRUST_EVERYBODY } from "../../../src/codec/trust.ts";
import { connectControl } from "../../../src/control/client.ts";
import { startTasks, stopTasks } from "../../../src/daemon/tasks.ts";
import { identityPath } from "../../../src/store/identity.ts";
import { until } from "../../support/eventually.ts";
import { composed } from "./composed.ts";

Deno.test("the daemon is made of these tasks, the one that claims our place first", async () => {
  using run = await composedAlone();
  assert.deepEqual(run.daemon.tasks.map(({ name }) => name), [
    "control",
    "identity",
    "names",
    "remarks",
    "replay guard",
    "history",
    "notices",
    "watch end",
    "history end",
    "network",
    "peers",
    "protocol",
    "hub",
    "host name",
    "scans",
    "watch",
    "ready",
  ]);
});

Deno.test("composing writes nothing and opens nothing", async () => {
  using run = await composedAlone();
  assert.deepEqual([...Deno.readDirSync(run.directory)], []);
});

Deno.test("a composed daemon answers, takes over a new configuration, and leaves nothing behind", async () => {
  using run = await composedAlone();
  const { daemon, config } = run;
  await startTasks(daemon.tasks);
  const client = await connectControl([config.socket]);
  try {
    const before = await client.call("localhost", {});
    assert.equal(before.host, "omega");
    await daemon.reconfigure(
      { ...config, hostName: "renamed" },
      TRUST_EVERYBODY,
    );
    const after = await client.call("localhost", {});
    assert.equal(after.host, "renamed");
    assert.equal(after.hostId, before.hostId);
  } finally {
    client.close();
    await stopTasks(daemon.tasks, assert.fail);
  }
  await assert.rejects(Deno.lstat(config.socket), Deno.errors.NotFound);
  assert.ok(run.lines.some((line) => line.includes("ready")));
});

Deno.test("a composed daemon logs the programs and scans of a refresh once the level is debug", async () => {
  using run = await composedAlone();
  const { daemon, config, lines } = run;
  await startTasks(daemon.tasks);
  const client = await connectControl([config.socket]);
  const details = () => lines.filter((line) => / debug /.test(line)).join("");
  try {
    await client.call("refresh", {});
    assert.equal(details(), "");
    await daemon.reconfigure(
      { ...config, logLevel: "debug" },
      TRUST_EVERYBODY,
    );
    await client.call("refresh", {});
    assert.match(details(), / program ended program="lsblk .* ms=\d+$/m);
    assert.match(details(), / scanned media=all read=\d+ .* ms=\d+$/m);
  } finally {
    client.close();
    await stopTasks(daemon.tasks, assert.fail);
  }
});

Deno.test("a daemon whose clock is set has a larger boot within seconds, and keeps it", async () => {
  let stepMs = 0;
  const wallClock = () => Date.now() + stepMs;
  using run = await composed({ interface: ["lo"], noHistory: true }, {
    wallClock,
    run: () => Promise.resolve({ kind: "missing" }),
  });
  const { daemon, config } = run;
  const path = identityPath(config.stateDir, {
    socket: config.socket,
    defaultSocket: null,
  });
  const boot = () => JSON.parse(Deno.readTextFileSync(path)).boot;
  await startTasks(daemon.tasks);
  try {
    const first = boot();
    stepMs = 3_600_000;
    await until(() => boot() >= first + stepMs);
    const ahead = boot();
    stepMs = 0;
    await until(() => boot() > ahead);
    assert.equal(boot(), ahead + 1);
  } finally {
    await stopTasks(daemon.tasks, assert.fail);
  }
});

Deno.test("a second daemon on the same socket cannot start, and writes nothing over the first one's state", async () => {
  using run = await composedAlone();
  await startTasks(run.daemon.tasks);
  const state = `${run.config.stateDir}/identity_${
    run.config.socket.slice(1).replaceAll("_", "__").replaceAll("/", "_")
  }.json`;
  const before = Deno.readTextFileSync(state);
  const second = await run.compose();
  try {
    await assert.rejects(startTasks(second.tasks), /another diskd/);
    assert.equal(Deno.readTextFileSync(state), before);
  } finally {
    await stopTasks(run.daemon.tasks, assert.fail);
  }
});

function composedAlone() {
  return composed(
    { interface: ["no-such-interface"], ttl: "1", hostName: "omega" },
    { run: () => Promise.resolve({ kind: "missing" }) },
  );
}
