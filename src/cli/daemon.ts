import type { ConfigFlags } from "../config/load_config.ts";
import type { Context } from "./context.ts";
import { EXIT } from "../system/exit_code.ts";
import { note } from "./show.ts";

/** `diskd --daemon`: runs in the foreground until it is told to stop. */
export async function daemon(
  flags: ConfigFlags,
  context: Context,
): Promise<number> {
  if (context.inPrompt) {
    note("Start the daemon from a shell: diskd --daemon", context);
    return EXIT.usage;
  }
  const { env, uid, stderr } = context;
  const { runDaemon } = await import("../daemon/mod.ts");
  return await runDaemon({
    flags,
    env,
    uid,
    write: (text) => stderr.write(text),
    waitingChars: () => stderr.waitingChars,
    drained: () => stderr.flush(),
  });
}
