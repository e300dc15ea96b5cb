import assert from "node:assert/strict";
import { METRICS_TYPE } from "../../src/render/metrics.ts";
import { startWeb } from "../support/browser.ts";
import { Daemon } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { type Host, lanTest } from "../support/lan.ts";
import { attachNew, knowsDisksOf } from "../support/plug.ts";
import { PROJECT } from "../support/program.ts";
import { faultsOfMetrics } from "../support/promtool.ts";

const SERVICE = Deno.readTextFileSync(
  `${PROJECT}/packaging/diskd-metrics.service`,
);

lanTest({
  name:
    "Prometheus reads the disks of a host, and of all, as text and from the page",
  programs: ["promtool", "curl"],
  hosts: ["alpha", "beta"],
}, async ({ alpha, beta }) => {
  const disk = await attachNew(alpha, { type: "ext4", label: 'a"\\ b' });
  await attachNew(beta, { type: "ext4", label: "there" });
  await using daemon = await Daemon.start(alpha);
  await using _other = await Daemon.start(beta);
  await knowsDisksOf(daemon, ["alpha", "beta"]);
  const { process, address } = await startWeb(alpha);
  await using _web = process;

  const here = await printed(daemon, []);
  assert.deepEqual(labelsIn(here), ['a\\"\\\\ b']);
  assert.match(here, /^diskd_up 1$/m);
  assert.match(here, /^diskd_hosts\{state="up"\} 2$/m);
  assert.match(here, /^diskd_scan_success 1$/m);
  const [, sizeBytes] = /^diskd_disk_size_bytes\{.*\} (\d+)$/m.exec(here)!;
  const [row] = await daemon.call("where", { name: disk.uuid! });
  assert.equal(Number(sizeBytes), row!.size);
  const all = await printed(daemon, ["--all"]);
  assert.deepEqual(labelsIn(all), ['a\\"\\\\ b', "there"]);
  for (const text of [here, all]) assert.equal(await faultsOfMetrics(text), "");

  await eventually(async () => {
    const { text, type } = await scraped(alpha, `${address}metrics`);
    assert.deepEqual(labelsIn(text), labelsIn(here));
    assert.equal(type, METRICS_TYPE);
    assert.equal(await faultsOfMetrics(text), "");
  });
  const allScraped = await scraped(alpha, `${address}metrics?all=1`);
  assert.deepEqual(labelsIn(allScraped.text), labelsIn(all));
  assert.equal(await faultsOfMetrics(allScraped.text), "");

  await alpha.detach(disk);
  await daemon.call("refresh", {});
  const left = await printed(daemon, []);
  assert.match(left, /^diskd_disk_attached\{.*\} 0$/m);
  const seen = /^diskd_disk_last_seen_timestamp_seconds\{.*\} ([\d.]+)$/m;
  const { seenAt } = (await daemon.call("where", { name: disk.uuid! }))[0]!;
  assert.equal(Number(seen.exec(left)![1]), Date.parse(seenAt) / 1000);

  const written = await forNodeExporter(alpha);
  assert.deepEqual(labelsIn(written.file), labelsIn(left));
  await daemon.stop();
  assert.deepEqual(await forNodeExporter(alpha), {
    code: 3,
    file: written.file,
  });
  const { code, stdout } = await daemon.run(["metrics"]);
  assert.deepEqual([code, stdout], [3, ""]);
  await eventually(async () => {
    const { text } = await scraped(alpha, `${address}metrics`);
    assert.match(text, /^diskd_up 0$/m);
    assert.doesNotMatch(text, /diskd_disk/);
  });
});

/** Does what diskd-metrics.service does, in a directory of the host's own. */
async function forNodeExporter(host: Host) {
  const [, script = ""] = /^ExecStart=\/bin\/sh -c '(.*)'$/m.exec(SERVICE)!;
  const command = script.replace("/usr/local/bin/diskd", "diskd");
  const { code } = await host.run(["sh", "-c", `cd /run && ${command}`]);
  return { code, file: await Deno.readTextFile(host.path("/run/diskd.prom")) };
}

async function printed(
  daemon: Daemon,
  flags: readonly string[],
): Promise<string> {
  const { code, stdout, stderr } = await daemon.run(["metrics", ...flags]);
  assert.deepEqual([code, stderr], [0, ""]);
  return stdout;
}

async function scraped(host: Host, url: string) {
  const argv = ["curl", "-sS", "-f", "-w", "\n%{content_type}", url];
  const { code, stdout, stderr } = await host.run(argv);
  assert.equal(code, 0, stderr);
  const end = stdout.lastIndexOf("\n");
  return { text: stdout.slice(0, end), type: stdout.slice(end + 1) };
}

function labelsIn(text: string): string[] {
  return [...text.matchAll(/^diskd_disk_info\{.*,label="((?:[^"\\]|\\.)*)"/gm)]
    .map(([, label]) => label!).sort();
}
