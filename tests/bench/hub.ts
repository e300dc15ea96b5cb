import { connectControl } from "../../src/control/client.ts";
import { Daemon } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { configure } from "../support/keys.ts";
import { type Host, Lan } from "../support/lan.ts";
import { JETSTREAM, NatsServer } from "../support/nats_server.ts";
import { scriptArgv } from "../support/program.ts";
import { pause } from "./daemon_on_lan.ts";
import { figure, lanBenchmark } from "./figure.ts";
import { cpuSeconds, memoryOf } from "./process_figures.ts";

const HOSTS = 10_000;
const DISKS = 10;
const CHANGES = 20;
const BEAT_SECONDS = 20;
const CPU_SECONDS = 12;
const LONG_MS = 300_000;

/** What a host takes that watches a NATS server with 10,000 hosts. */
export const hub = lanBenchmark("hub", async () => {
  await using lan = await Lan.create({ hosts: ["alpha", "server"] });
  const [alpha, host] = [lan.host("alpha"), lan.host("server")];
  await using server = await NatsServer.start(host, JETSTREAM);
  await send(host, ["fill", `${HOSTS}`, `${DISKS}`]);
  await configure(
    alpha,
    `site: home\nlimits: {hosts: 11000, disks: 120000}\n` +
      `nats: {servers: [${server.url}]}\n`,
  );
  const startedAt = performance.now();
  await using daemon = await Daemon.start(alpha);
  await daemon.process.waitForLog(/ read the hub .*hosts=10000/, LONG_MS);
  const synced = performance.now() - startedAt;
  const pid = await daemon.process.pid();
  const { resident } = memoryOf(pid);
  const cpu = cpuSeconds(pid) * 1_000;
  const delays = await changeDelays(daemon, host);
  await using beating = host.spawn(
    argvOf(["beat", `${HOSTS}`, `${BEAT_SECONDS}`]),
  );
  await beating.waitForLog(/beating/, LONG_MS);
  await pause(2_000);
  const before = cpuSeconds(pid);
  await pause(CPU_SECONDS * 1_000);
  const share = (cpuSeconds(pid) - before) / CPU_SECONDS * 100;
  return [
    figure("hub, 10,000 hosts: from the start until all are known", "ms", {
      samples: [synced],
      goal: { atMost: 3_000 },
    }),
    figure("the same, CPU", "ms", { samples: [cpu] }),
    figure("hub, 10,000 hosts: from a change to who watches", "ms", {
      samples: delays,
      goal: { atMost: 5 },
    }),
    figure("hub, 10,000 hosts: memory", "MB", {
      samples: [resident],
      goal: { atMost: 220 },
    }),
    figure(
      "hub, 10,000 hosts that say each 100 s that they are there",
      "of 100",
      {
        samples: [share],
        goal: { atMost: 3 },
      },
    ),
  ];
});

/** From before a list is put, until a client hears of its disks. */
async function changeDelays(daemon: Daemon, host: Host): Promise<number[]> {
  await using client = await connectControl([
    daemon.host.path(daemon.socket),
  ]);
  const heardAt = new Map<string, number>();
  const following = (async () => {
    for await (const { host } of client.watch()) {
      const at = performance.timeOrigin + performance.now();
      if (!heardAt.has(host)) heardAt.set(host, at);
    }
  })();
  await client.call("localhost", {});
  const stdout = await send(host, ["change", `${CHANGES}`, `${DISKS + 1}`]);
  const sent: { host: string; at: number }[] = stdout.trim().split("\n")
    .map((line) => JSON.parse(line));
  await eventually(() => {
    const missing = sent.filter(({ host }) => !heardAt.has(host)).length;
    if (missing > 0) throw new Error(`${missing} changes are missing`);
  });
  await client.close();
  await following;
  return sent.map(({ host, at }) => heardAt.get(host)! - at);
}

async function send(host: Host, words: readonly string[]): Promise<string> {
  const options = { timeoutMs: LONG_MS };
  const { code, stdout, stderr } = await host.run(argvOf(words), options);
  if (code !== 0) throw new Error(`hub_sender.ts failed:\n${stderr}`);
  return stdout;
}

function argvOf(words: readonly string[]): string[] {
  return scriptArgv(import.meta.resolve("./hub_sender.ts"), words);
}
