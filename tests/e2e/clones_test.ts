import assert from "node:assert/strict";
import { Daemon, IDENTITY_FILE } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { asRoot, type Host } from "../support/host.ts";
import { inSteps, lanTest } from "../support/lan.ts";

const SOON = { args: ["--announce-interval", "1"] };
const machineId = "3d1219c7c4c5404aaa1f6d2a48adfda4";

lanTest({
  name: "machines of one image stay different hosts, one after the other",
  hosts: [
    "alpha",
    { name: "node1", machineId },
    { name: "node2", machineId },
  ],
}, async ({ alpha, node1, node2 }, t) => {
  for (const host of [node1, node2]) {
    await host.attach(await host.disk({ type: "swap", label: host.name }));
  }
  await using site = new Clones(alpha, [node1, node2]);
  await site.start("alpha");
  await inSteps(t, site, {
    "the disks of one that was shut down are not the other's": async () => {
      await site.start("node1");
      await site.shows("node1", "node1 attached");
      await site.stop("node1");
      await site.start("node2");
      await site.shows("node1", "node1 detached");
      await site.shows("node2", "node2 attached");
      assert.deepEqual(await site.hosts(), [
        "alpha up",
        "node1 gone",
        "node2 up",
      ]);
    },
    "and so it is in the history, and after a restart": async () => {
      await site.stop("alpha");
      await site.stop("node2");
      await site.start("alpha");
      await site.shows("node1", "node1 detached");
      const rows = await site.daemon("alpha").call("history", {});
      assert.deepEqual(
        rows.map(({ host, label }) => `${label} ${host}`).sort(),
        [
          "node1 node1",
          "node2 node2",
        ],
      );
    },
    "each is the same host again": async () => {
      await site.start("node1");
      await site.shows("node1", "node1 attached");
      await site.shows("node2", "node2 stale");
      await site.crash("node1");
      await site.start("node2");
      await site.shows("node2", "node2 attached");
      await site.shows("node1", "node1 stale");
      assert.equal((await site.hosts()).length, 3);
      await site.stop("node2");
    },
    "a state directory that came with the image is not believed": async () => {
      const text = await asRoot(node1, `cat ${IDENTITY_FILE}`);
      await asRoot(node2, `cat > ${IDENTITY_FILE} <<'END'\n${text}END`);
      await site.start("node2");
      await site.start("node1");
      const { hostId } = await site.daemon("node2").call("localhost", {});
      assert.notEqual(
        hostId,
        (await site.daemon("node1").call("localhost", {})).hostId,
      );
      await site.shows("node1", "node1 attached");
      await site.shows("node2", "node2 attached");
      await site.stop("node1");
      await site.stop("node2");
    },
    "a host that is renamed keeps what it had, under the name of then":
      async () => {
        await site.start("node1");
        await site.shows("node1", "node1 attached");
        await asRoot(node1, "hostname renamed");
        await site.shows("node1", "renamed attached");
        await asRoot(node1, "rm /dev/loop*");
        await site.shows("node1", "renamed detached");
        await asRoot(node1, "hostname third");
        await eventually(async () => {
          assert.ok((await site.hosts()).includes("third up"));
        });
        await site.shows("node1", "renamed detached");
        await site.stop("node1");
      },
    "without a machine id each has an id of its own, and keeps it":
      async () => {
        for (const text of ["", "uninitialized"]) {
          const ids = new Set<string>();
          for (const host of [node1, node2]) {
            await asRoot(host, `printf '${text}' > /etc/machine-id`);
            await asRoot(host, `rm ${IDENTITY_FILE}`);
            for (let run = 0; run < 2; run++) {
              await site.start(host.name);
              const view = await site.daemon(host.name).call("localhost", {});
              ids.add(view.hostId);
              await site.stop(host.name);
            }
          }
          assert.equal(ids.size, 2);
        }
      },
  });
});

class Clones implements AsyncDisposable {
  readonly #hosts: ReadonlyMap<string, Host>;
  readonly #daemons = new Map<string, Daemon>();

  constructor(alpha: Host, clones: readonly Host[]) {
    this.#hosts = new Map([alpha, ...clones].map((host) => [host.name, host]));
  }

  daemon(name: string): Daemon {
    return this.#daemons.get(name)!;
  }

  async start(name: string): Promise<void> {
    this.#daemons.set(name, await Daemon.start(this.#hosts.get(name)!, SOON));
  }

  async stop(name: string): Promise<void> {
    await this.daemon(name).stop();
  }

  async crash(name: string): Promise<void> {
    await this.daemon(name)[Symbol.asyncDispose]();
  }

  /** Waits until alpha knows a single place of a disk, and this one. */
  async shows(label: string, place: string): Promise<void> {
    await eventually(async () => {
      const rows = await this.daemon("alpha").call("where", { name: label });
      assert.deepEqual(rows.map(({ host, state }) => `${host} ${state}`), [
        place,
      ]);
    });
  }

  async hosts(): Promise<string[]> {
    const rows = await this.daemon("alpha").call("hosts", {});
    return rows.map(({ host, state }) => `${host} ${state}`).sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const daemon of this.#daemons.values()) {
      await daemon[Symbol.asyncDispose]();
    }
  }
}
