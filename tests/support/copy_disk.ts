import type { Host, LoopDisk } from "./lan.ts";
import { SYSTEM_PATH } from "./holder.ts";
import { runOrThrow } from "./process.ts";

/** A disk that is the same as another, to the last byte; it hangs nowhere yet. */
export async function copyOf(disk: LoopDisk, host: Host): Promise<LoopDisk> {
  const copy = await host.disk({ type: "raw" });
  const files = [`if=${disk.device}`, `of=${copy.device}`];
  await runOrThrow(["dd", ...files, "bs=1M", "conv=fsync", "status=none"], {
    env: { PATH: SYSTEM_PATH },
  });
  return copy;
}
