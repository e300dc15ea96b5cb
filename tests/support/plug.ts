import assert from "node:assert/strict";
import type { Daemon } from "./daemon.ts";
import { eventually } from "./eventually.ts";
import type { DiskOptions, Host, LoopDisk } from "./lan.ts";

/** A host with a daemon, and the disk of it that a test is about. */
export interface DiskSite {
  readonly alpha: Host;
  readonly daemon: Daemon;
  readonly disk: LoopDisk;
}

/** Makes a disk and plugs it in. */
export async function attachNew(
  host: Host,
  options: DiskOptions,
): Promise<LoopDisk> {
  const disk = await host.disk(options);
  await host.attach(disk);
  return disk;
}

/** Waits until a daemon knows the disks of these hosts, each named once for each of its disks. */
export async function knowsDisksOf(
  daemon: Daemon,
  hosts: readonly string[],
): Promise<void> {
  await eventually(async () => {
    const rows = await daemon.call("list", {});
    assert.deepEqual(rows.map(({ host }) => host), hosts);
  });
}

/** Waits until so many clients besides this question are connected to a daemon, and of them follow its events if that is given. */
export async function hasClients(
  daemon: Daemon,
  count: number,
  { watching }: { readonly watching?: number } = {},
): Promise<void> {
  await eventually(async () => {
    const { clients } = await daemon.call("status", {});
    assert.equal(clients.now, count + 1);
    assert.equal(clients.watching, watching ?? clients.watching);
  });
}

/** Waits until so many follow the events of a daemon, and nobody else is connected besides this question. */
export function hasWatchers(daemon: Daemon, count: number): Promise<void> {
  return hasClients(daemon, count, { watching: count });
}

/** Pulls a disk out of a daemon's host and plugs it in again, each noticed: two events. */
export async function pullAndPlug(
  daemon: Daemon,
  disk: LoopDisk,
): Promise<void> {
  await daemon.host.detach(disk);
  await daemon.call("refresh", {});
  await daemon.host.attach(disk);
  await daemon.call("refresh", {});
}
