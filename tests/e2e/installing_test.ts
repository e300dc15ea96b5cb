import assert from "node:assert/strict";
import { checkOutcome } from "../support/check_outcome.ts";
import { Daemon } from "../support/daemon.ts";
import { type Host, lanTest } from "../support/lan.ts";
import { PROJECT } from "../support/program.ts";
import { document } from "../unit/docs/documents.ts";
import { codeSpans, rowsOf } from "../unit/docs/markdown.ts";

const SERVICE = document("docs/service.md");
/** What is typed: first with a release, then in a clone. */
const BLOCKS = [...SERVICE.matchAll(/^```sh\n([^]*?)^```$/gm)]
  .map(([, block = ""]) => block);
const BY_HAND = BLOCKS.find((block) => block.startsWith("install "))!;
const COPIED = BLOCKS.map((block) => /^cp (.*) dist$/m.exec(block)?.[1])
  .find((files) => files !== undefined)!;
/** Files that are there then. */
const INSTALLED = rowsOf(SERVICE, "Installed")
  .flatMap(([, , path = ""]) => codeSpans(path));

lanTest({
  name: "service.md installs all that it says",
  programs: ["systemd-sysusers", "man"],
  hosts: ["alpha"],
}, async ({ alpha }) => {
  await using _daemon = await Daemon.start(alpha);
  assert.ok(INSTALLED.length >= 9);
  await layOver(alpha, "/usr/local");
  const systemctl = 'systemctl() { echo "systemctl $*"; }';
  const prepare = [
    "set -e",
    systemctl,
    "mkdir /run/release",
    'cp "$(command -v diskd)" /run/release/diskd',
    `(cd ${PROJECT} && cp ${COPIED} /run/release)`,
    "cd /run/release",
  ];
  const script = [...prepare, BY_HAND].join("\n");
  checkOutcome(await alpha.run(["sh", "-c", script]), {
    stdout:
      /^systemctl daemon-reload\nsystemctl enable --now diskd\nalpha: ok, /,
    stderr: /^/,
  }, "the commands of service.md");
  for (const path of INSTALLED) {
    checkOutcome(await alpha.run(["test", "-s", path]), {}, path);
  }
  const { stdout } = await alpha.run(["getent", "passwd", "diskd"]);
  assert.match(stdout, /^diskd:.*:\/var\/lib\/diskd:/);
  for (const page of ["1 diskd", "5 diskd.yaml", "8 diskd"]) {
    const argv = ["man", "-M", "/usr/local/share/man", ...page.split(" ")];
    checkOutcome(await alpha.run(argv), { stdout: /^DISKD/ }, page);
  }
});

/** Makes what is written below a folder of the machine go with the host. */
async function layOver(host: Host, folder: string): Promise<void> {
  const layers =
    `lowerdir=${folder},upperdir=/run/layer/upper,workdir=/run/layer/work`;
  const script = `mkdir -p /run/layer/upper /run/layer/work && ` +
    `mount -t overlay -o ${layers} overlay ${folder}`;
  checkOutcome(await host.run(["sh", "-c", script]), {}, script);
}
