import assert from "node:assert/strict";
import type { DiskRow, HostRow } from "../../src/control/views.ts";
import type { Daemon } from "./daemon.ts";
import { Watcher } from "./watcher.ts";

/** What a daemon shows of some hosts, but for times. */
export interface HonestView {
  readonly list: readonly Partial<DiskRow>[];
  readonly hosts: readonly Partial<HostRow>[];
  /** Where the disk is that is labelled as each of them is named. */
  readonly where: readonly (readonly Partial<DiskRow>[])[];
  readonly self: unknown;
}

/**
 * What a daemon shows of the hosts of these names: who they are, where, in what
 * state, and every disk of theirs. Others that say that they have such a name
 * or such a disk are shown too, so that they are found out.
 */
export async function honestView(
  daemon: Daemon,
  names: readonly string[],
): Promise<HonestView> {
  const isHonest = ({ host }: { readonly host: string }) =>
    names.includes(host);
  const list = await daemon.call("list", {});
  const hosts = await daemon.call("hosts", {});
  const where = [];
  for (const name of names) where.push(await daemon.call("where", { name }));
  const { host, hostId, addresses } = await daemon.call("localhost", {});
  return {
    list: list.filter(isHonest).map(withoutTimes),
    hosts: hosts.filter(isHonest).map(withoutTimes),
    where: where.map((rows) => rows.map(withoutTimes)),
    self: { host, hostId, addresses },
  };
}

/**
 * Does something hostile, and sees to it that each of these daemons lives,
 * shows what it did before, and showed nothing else of the honest hosts in
 * between.
 */
export async function staysUnchanged(
  daemons: readonly Daemon[],
  names: readonly string[],
  act: () => Promise<void>,
): Promise<void> {
  const look = () =>
    Promise.all(daemons.map((daemon) => honestView(daemon, names)));
  const before = await look();
  await using watchers = new AsyncDisposableStack();
  const watching = [];
  for (const daemon of daemons) {
    watching.push(watchers.use(await Watcher.start(daemon)));
  }
  await act();
  assert.deepEqual(await look(), before);
  for (const { events } of watching) {
    assert.deepEqual(events.filter(({ host }) => names.includes(host)), []);
  }
  for (const { process } of daemons) assert.ok(process.running, process.log);
}

/** Datagrams that a daemon has dropped, by reason. */
export async function rejectedBy(
  daemon: Daemon,
): Promise<Readonly<Record<string, number>>> {
  return (await daemon.call("status", {})).datagrams.rejected;
}

function withoutTimes<Row extends object>(row: Row): Partial<Row> {
  return Object.fromEntries(
    Object.entries(row).filter(([key]) =>
      !["seenAt", "heardAt", "since"].includes(key)
    ),
  ) as Partial<Row>;
}
