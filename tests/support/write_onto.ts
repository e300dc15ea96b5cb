import { SYSTEM_PATH } from "./holder.ts";
import type { LoopDisk } from "./loop_disk.ts";
import { run } from "./process.ts";

/** Puts a file into the root directory of an ext4 that is mounted nowhere. */
export async function writeOnto(
  disk: LoopDisk,
  { name, text }: { readonly name: string; readonly text: string },
): Promise<void> {
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(file, text);
    const argv = ["debugfs", "-w", "-R", `write ${file} ${name}`, disk.device];
    const { stderr } = await run(argv, { env: { PATH: SYSTEM_PATH } });
    // It says its version there first, and exits with 0 whatever happens.
    if (stderr.trim().includes("\n")) throw new Error(stderr);
  } finally {
    await Deno.remove(file);
  }
}
