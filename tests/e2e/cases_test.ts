/** Hosts of the fixtures, with the real daemon on programs that answer as theirs did. */
import assert from "node:assert/strict";
import { Daemon } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { type Host, lanTest } from "../support/lan.ts";
import { PROJECT } from "../support/program.ts";
import { ReplacedPrograms } from "../support/replaced_programs.ts";

const FOLDER = "/run/lan/case";

/** Answers as a file of the case says: `.sleep`, `.err`, then its output and `.rc`. */
const ANSWER = `
[ -f "$f.sleep" ] && sleep "$(cat "$f.sleep")"
[ -f "$f.err" ] && cat "$f.err" >&2
[ -f "$f.rc" ] && { cat "$f.txt" 2>/dev/null; exit "$(cat "$f.rc")"; }`;

const PROGRAMS = {
  lsblk: `exec cat ${FOLDER}/lsblk.json`,
  findmnt:
    `case "$*" in *poll*) exec sleep 1d;; esac; exec cat ${FOLDER}/findmnt.json`,
  blkid: `for device; do :; done
f=${FOLDER}/blkid/$(printf %s "\${device#/dev/}" | tr / '!')${ANSWER}
[ -f "$f.txt" ] && exec cat "$f.txt"
[ -z "$LIBBLKID_DEBUG" ] || echo '1: libblkid: LOWPROBE: []' >&2
exit 2`,
};

/** Gives the host the devices of a case. */
async function become(host: Host, name: string): Promise<void> {
  await host.run(["rm", "-rf", FOLDER]);
  await copyFolder(
    `${PROJECT}/tests/fixtures/cases/${name}`,
    host.path(FOLDER),
  );
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    const [source, target] = [`${from}/${name}`, `${to}/${name}`];
    if (isDirectory) await copyFolder(source, target);
    else await Deno.writeFile(target, await Deno.readFile(source));
  }
}

/** Longest line in a pipe, in characters, that still is a table. */
const SANE_WIDTH = 300;

lanTest({
  name: "a host has disks as people have them, and another host says so",
  hosts: ["alpha", "beta"],
}, async ({ alpha, beta }, t) => {
  const programs = new ReplacedPrograms(alpha);
  await become(alpha, "blank-disk");
  for (const [program, script] of Object.entries(PROGRAMS)) {
    await programs.replace(program, script);
  }
  await using there = await Daemon.start(beta);
  await using daemon = await Daemon.start(alpha);
  /** The devices of alpha as beta lists them, once they are these. */
  const arrive = (name: string, devices: readonly string[]) =>
    t.step(`${name}: arrives`, async () => {
      await become(alpha, name);
      await daemon.call("refresh", {});
      await eventually(async () => {
        const rows = (await there.call("list", {}))
          .filter(({ host }) => host === "alpha");
        assert.deepEqual(rows.map(({ device }) => device).sort(), devices);
      });
    });
  const print = async (host: Host, ...args: readonly string[]) => {
    const { code, stdout } = await host.run(["diskd", ...args]);
    return { code, stdout };
  };

  await arrive("blank-disk", ["/dev/sdz"]);
  await t.step(
    "blank-disk: where finds it by a part of its serial number",
    async () => {
      for (const host of [alpha, beta]) {
        const { code, stdout } = await print(host, "where", "WX000001");
        assert.equal(code, 0);
        assert.match(stdout, /\/dev\/sdz/);
      }
    },
  );
  await arrive("kubelet", ["/dev/sdc"]);
  await t.step(
    "kubelet: bind mounts are counted, and no line is wide",
    async () => {
      for (const host of [alpha, beta]) {
        const { stdout } = await print(host, "list");
        assert.match(stdout, /47b5c38a.*\+30/);
        const widths = stdout.split("\n").map(({ length }) => length);
        assert.ok(Math.max(...widths) <= SANE_WIDTH, `${Math.max(...widths)}`);
      }
    },
  );
  await arrive("zpool", ["/dev/sda1", "/dev/sdb1", "/dev/sdc1"]);
  await t.step("zpool: no member is unmounted", async () => {
    for (const host of [alpha, beta]) {
      const { stdout } = await print(host, "list", "--unmounted", "--json");
      const rows = JSON.parse(stdout) as { host: string }[];
      assert.deepEqual(rows.filter((row) => row.host === "alpha"), []);
    }
  });
  await arrive("empty-readers", ["/dev/sda"]);
});
