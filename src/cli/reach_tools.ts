import type { DiskRow } from "../control/views.ts";
import { type DiskHost, type RemoteTools, sshTarget } from "../mount/ssh.ts";
import type { ReachContext } from "./reach_context.ts";
import type { ReachFlags } from "./reach_flags.ts";
import { readReachSettings } from "./read_reach_settings.ts";

/** How this command reaches other hosts. */
export function remoteTools(
  { sshOption = [] }: ReachFlags,
  { system, env, uid, mayAsk, interrupted }: ReachContext,
): RemoteTools {
  const ways = { options: sshOption, isBatch: !mayAsk };
  return { system, env, uid, ways, signal: interrupted() };
}

/**
 * The host of a row, and where ssh finds it.
 * @throws {Refusal} where its name is not fit for ssh
 * @throws {ConfigError}
 */
export async function diskHostOf(
  { host, hostId }: Pick<DiskRow, "host" | "hostId">,
  { flags, context }: {
    readonly flags: ReachFlags;
    readonly context: ReachContext;
  },
): Promise<DiskHost> {
  const { ssh: names } = await readReachSettings(context);
  const user = flags.user ?? null;
  const target = sshTarget({ host, hostId }, { names, user });
  return { host, hostId, target };
}
