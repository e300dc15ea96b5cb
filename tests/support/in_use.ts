import assert from "node:assert/strict";
import { asRoot, type Host } from "./host.ts";
import type { LoopDisk } from "./loop_disk.ts";
import { PYTHON } from "./needs.ts";

/** Whether it is mounted, in whichever namespace: open(2) of a block device with `O_EXCL`. */
export async function isHeld(
  host: Host,
  { device }: LoopDisk,
): Promise<boolean> {
  const script = `import os; os.open("${device}", os.O_RDONLY | os.O_EXCL)`;
  const { code, stderr } = await host.run([PYTHON, "-c", script]);
  if (code !== 0) assert.match(stderr, /EBUSY|busy/);
  return code !== 0;
}

/** Ids of the processes of a host that have that word in their command line. */
export async function processes(host: Host, word: string): Promise<string[]> {
  // The pattern does not match the command line that it is in.
  const pattern = `[${word[0]}]${word.slice(1)}`;
  const text = await asRoot(
    host,
    `cd /proc && grep -l '${pattern}' [0-9]*/cmdline 2>/dev/null || true`,
  );
  return [...text.matchAll(/^\d+/gm)].map(([pid]) => pid);
}
