/**
 * What was accepted is not accepted again, also when the files that say so are
 * damaged, cannot be written, or are gone in part.
 */
import assert from "node:assert/strict";
import { readDatagram } from "../../src/codec/read_datagram.ts";
import type { Mark } from "../../src/store/mark_journal.ts";
import { DEFAULT_SOCKET } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { asRoot } from "../support/host.ts";
import { HostileSite } from "../support/hostile_site.ts";
import { needs } from "../support/needs.ts";

const STATE = "/var/lib/diskd";
const JOURNAL = `${DEFAULT_SOCKET}.accepted`;
const SNAPSHOT = `${STATE}/accepted.txt`;

Deno.test({
  ...needs("what was last accepted outlives what may happen to its files", {
    lan: true,
  }),
  async fn(t) {
    await using site = await HostileSite.start({
      daemon: { args: ["--no-history"] },
      async prepare(host) {
        await asRoot(host, `mkdir -p ${STATE} && mount -t tmpfs none ${STATE}`);
      },
    });
    const alpha = site.host("alpha");
    const sh = (line: string) => asRoot(alpha, line);
    await site.stopDaemon("beta", "SIGTERM");
    await hasLeft(site);

    await t.step("the machine starts anew after a clean end", async () => {
      await site.stopDaemon("alpha", "SIGTERM");
      await sh(`rm ${JOURNAL}`);
      await bearsReplays(site);
    });
    await t.step("the power fails", async () => {
      await site.startDaemon("beta");
      await site.agree();
      const written = await snapshotOf(site, "beta");
      for (const name of ["beta", "alpha"] as const) {
        await site.stopDaemon(name, "SIGKILL");
      }
      await sh(`rm ${JOURNAL}`);
      // Of what came later, in the same minute, nothing is known.
      await bearsReplays(site, { upTo: written });
    });
    await t.step("both files are damaged", async () => {
      await site.stopDaemon("alpha", "SIGTERM");
      await sh(
        `echo nonsense >> ${JOURNAL}; printf '\\377\\0\\n' >> ${SNAPSHOT}`,
      );
      await bearsReplays(site, {
        problems: [
          /accepted\.txt has 1 damaged line, /,
          /\.accepted has 1 damaged line, /,
        ],
      });
    });
    for (
      const [what, harm, mend] of [
        ["is read-only", `mount -o remount,ro ${STATE}`, "rw"],
        ["is full", `mount -o remount,nr_inodes=1 ${STATE}`, "nr_inodes=9999"],
      ] as const
    ) {
      await t.step(`the state directory ${what}`, async () => {
        await site.stopDaemon("alpha", "SIGKILL");
        await sh(`rm -f ${SNAPSHOT} ${STATE}/* && ${harm}`);
        await bearsReplays(site, {
          problems: [/^Cannot write .*identity\.json: /],
        });
        // It goes on without a word on the disk.
        await site.startDaemon("beta");
        await site.agree();
        await site.stopDaemon("beta", "SIGTERM");
        await hasLeft(site);
        await hasProblem(site, /^Cannot write .*accepted\.txt: /);
        await site.stopDaemon("alpha", "SIGKILL");
        await bearsReplays(site, {
          problems: [/^Cannot write .*identity\.json: /],
        });
        await sh(`mount -o remount,${mend} ${STATE}`);
      });
    }
  },
});

/** Starts alpha, to which all is said once more that was ever said. */
async function bearsReplays(
  site: HostileSite,
  { problems = [], upTo }: {
    /** What `status` says is wrong. Default: nothing. */
    readonly problems?: readonly RegExp[];
    /** Only what was said until then. Default: all. */
    readonly upTo?: Mark;
  } = {},
): Promise<void> {
  await site.startDaemon("alpha");
  const { problems: found } = await site.daemon("alpha").call("status", {});
  for (const problem of problems) assert.match(found.join("\n"), problem);
  if (problems.length === 0) assert.deepEqual(found, []);
  const past = site.wiretap.heard(site.host("beta").address)
    .filter(({ bytes }) => upTo === undefined || !isAfter(bytes, upTo));
  await site.bears(() => site.mallory.send(past), { alpha: ["old"] });
  const rows = await site.daemon("alpha").call("hosts", {});
  assert.ok(!rows.some(({ host, state }) => host === "beta" && state === "up"));
}

function isAfter(bytes: Uint8Array, { boot, seq }: Mark): boolean {
  const read = readDatagram(bytes);
  if (read.format !== 2) return true;
  const { header } = read;
  return header.boot > boot || (header.boot === boot && header.seq > seq);
}

async function hasLeft(site: HostileSite): Promise<void> {
  await eventually(async () => {
    const rows = await site.daemon("alpha").call("hosts", {});
    assert.equal(rows.find(({ host }) => host === "beta")?.state, "gone");
  });
}

/** What the snapshot on alpha has of a host that started just now. */
async function snapshotOf(site: HostileSite, name: "beta"): Promise<Mark> {
  const { id, boot } = site.victim(name);
  const path = site.host("alpha").path(SNAPSHOT);
  const line = new RegExp(`^${id} ${boot} (\\d+) `, "m");
  return await eventually(async () => {
    const [, seq] = line.exec(await Deno.readTextFile(path)) ?? [];
    assert.ok(seq, "it is not written yet");
    return { id, boot, seq: Number(seq) };
  });
}

async function hasProblem(site: HostileSite, problem: RegExp): Promise<void> {
  await eventually(async () => {
    const { problems } = await site.daemon("alpha").call("status", {});
    assert.match(problems.join("\n"), new RegExp(problem, "m"));
  });
}
