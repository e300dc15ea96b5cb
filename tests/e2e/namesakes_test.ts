import assert from "node:assert/strict";
import type { HostRow } from "../../src/control/views.ts";
import { checkCommands } from "../support/check_outcome.ts";
import { Daemon, SHORT_INTERVALS, Watcher } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { type Host, lanTest } from "../support/lan.ts";
import { attachNew, knowsDisksOf } from "../support/plug.ts";

/** As many a machine is called that was made from one image. */
const NAME = "raspberrypi";

lanTest({
  name:
    "hosts of one name are told apart, and every command takes what is shown",
  hosts: ["alpha", "one", "two"],
}, async ({ alpha, one, two }, t) => {
  const disk = await attachNew(one, { type: "ext4", label: "backup" });
  await attachNew(two, { type: "ext4", label: "other" });
  await using daemon = await Daemon.start(alpha, { args: SHORT_INTERVALS });
  const named = (host: Host, name: string) =>
    Daemon.start(host, { args: [...SHORT_INTERVALS, "--host-name", name] });
  await using daemons = new AsyncDisposableStack();
  const first = daemons.use(await named(one, NAME));
  await using second = await named(two, NAME.toUpperCase());
  await knowsDisksOf(daemon, [NAME.toUpperCase(), NAME]);
  const shownAs = (host: Host) => nameOf(daemon, host);
  const [here, there] = [await shownAs(one), await shownAs(two)];
  assert.match(here, /^raspberrypi@[0-9a-f]{6,}$/);
  assert.match(there, /^RASPBERRYPI@[0-9a-f]{6,}$/);
  const device = `${here}:${disk.device}`;

  await t.step("while both are up", async () => {
    await checkCommands(alpha, [
      ["list", { stdout: has(here, "backup", there, "other") }],
      [["list", "--host", here], { stdout: only(here) }],
      [["list", "--host", NAME], { stdout: only(here) }],
      ["list --tree", { stdout: has(`${here}\n`, `${there}\n`) }],
      ["list --drives", { stdout: has(here, there) }],
      ["hosts", { stdout: has(here, one.address, there, two.address) }],
      ["ping", { stdout: has(here, there) }],
      ["where backup", { stdout: has(`backup is on ${here}, `) }],
      [["where", device], { stdout: has(`backup is on ${here}, `) }],
      ["history", { stdout: has(here, there) }],
      [["history", "--host", there], { stdout: only(there) }],
      [["complete-line", "--", "zsh", "list", "--host", "rasp"], {
        stdout: has(here),
      }],
      [
        ["complete-line", "--", "bash", `diskd list --host ${here}`, "@: "],
        { stdout: has(`words\n${here.split("@")[1]}\n`) },
      ],
      [["mount", "backup", "--host", there], {
        code: 4,
        stderr: has(`not on ${there}, but on ${here}`),
      }],
    ]);
  });

  await t.step(
    "each tells who it is itself",
    () =>
      eventually(() =>
        checkCommands(one, [
          ["localhost", { stdout: has(`${here}\n`) }],
          ["status", { stdout: has(`${here}: ok, `) }],
        ])
      ),
  );

  await t.step("of a disk that is at both, each is a choice", async () => {
    const copy = await alpha.disk({ type: "ext4", label: "copy" });
    await two.attach(copy);
    await one.run(["mknod", copy.device, "b", ...await nodeOf(copy, two)]);
    for (const other of [first, second]) await other.call("refresh", {});
    await eventually(() =>
      checkCommands(alpha, [
        ["where copy", {
          code: 5,
          stdout: has(here, there),
          stderr: has(here, there),
        }],
        ["mount copy", {
          code: 5,
          stderr: has(`--host ${there}`, `--host ${here}`),
        }],
        ["duplicates", { stdout: has(here, there) }],
      ])
    );
  });

  await t.step(
    "a copy that comes while the other is off has not moved",
    async () => {
      await using watcher = await Watcher.start(daemon);
      const comes = (event: string, uniqueHost: string) =>
        eventually(() => {
          const told = watcher.events.map((one) => [one.event, one.uniqueHost]);
          assert.deepEqual(told.at(-1), [event, uniqueHost]);
        });
      await first.stop();
      await comes("host-gone", here);
      await two.run(["mknod", disk.device, "b", ...await nodeOf(disk, one)]);
      await second.call("refresh", {});
      await comes("attached", there);
      await checkCommands(alpha, [
        ["where backup", { stdout: has(`backup is on ${there}, `) }],
      ]);
      daemons.use(await named(one, NAME));
      await comes("host-up", here);
      await eventually(() =>
        checkCommands(alpha, [
          ["where backup", {
            code: 5,
            stdout: has(here, there),
            stderr: has(here, there),
          }],
        ])
      );
    },
  );

  await t.step("one that is off is no other", async () => {
    await second.stop();
    await eventually(() =>
      checkCommands(alpha, [
        ["where other", { code: 4, stdout: has(`is in ${there}, which was`) }],
        ["status", { code: 0, stdout: /./ }],
      ])
    );
    await checkCommands(alpha, [
      ["forget raspberryPI --yes", {
        code: 2,
        stderr: has("choose one: ", here, there),
      }],
      [["forget", there, "--yes"], { stdout: has(`the host ${there} with`) }],
      ["where backup", { stdout: has(`backup is on ${NAME}, `) }],
    ]);
  });
});

async function nameOf(daemon: Daemon, host: Host): Promise<string> {
  const rows: readonly HostRow[] = await daemon.call("hosts", {});
  return rows.find(({ addresses }) => addresses.includes(host.address))!
    .uniqueHost;
}

/** The numbers of its device. */
async function nodeOf(
  { device }: { readonly device: string },
  host: Host,
): Promise<string[]> {
  const { stdout } = await host.run(["stat", "-c", "%Hr %Lr", device]);
  return stdout.trim().split(" ");
}

/** These texts, in any order. */
function has(...texts: readonly string[]): RegExp {
  const escaped = texts.map((text) => `(?=[^]*${RegExp.escape(text)})`);
  return new RegExp(`^${escaped.join("")}`);
}

/** A table of a single row, of this host. */
function only(host: string): RegExp {
  return new RegExp(`^.*\\n.*${RegExp.escape(host)} .*\\n$`);
}
