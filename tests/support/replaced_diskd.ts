import type { Host } from "./host.ts";

const PROGRAM = "/run/lan/bin/diskd";

/** The program that was replaced, to be started from the script in its place. */
export const REAL_DISKD = "/run/lan/real-diskd";

/** Puts a shell script in the place of `diskd` on one host; `null`: nothing. */
export async function replaceDiskd(
  host: Host,
  script: string | null,
): Promise<void> {
  await Deno.rename(host.path(PROGRAM), host.path(REAL_DISKD));
  if (script === null) return;
  const text = `#!/bin/sh\n${script}\n`;
  await Deno.writeTextFile(host.path(PROGRAM), text, { mode: 0o755 });
}

export async function restoreDiskd(host: Host): Promise<void> {
  await Deno.rename(host.path(REAL_DISKD), host.path(PROGRAM));
}
