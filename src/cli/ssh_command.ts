import { ALLOWED_BY_SSH, askedBySsh } from "../mount/asked_by_ssh.ts";
import type { DiskRow } from "../control/views.ts";
import { sameDevice } from "../mount/device_now.ts";
import { isAllowed } from "../mount/mountable.ts";
import { Refusal } from "../mount/refusal.ts";
import { lackingForFiles, serveFiles } from "../mount/serve_files.ts";
import { isRoot } from "../mount/run_attended.ts";
import { printable } from "../text/printable.ts";
import { command, type Options, withSystem } from "./command.ts";
import type { MountContext } from "./context.ts";
import { EXIT } from "../system/exit_code.ts";
import { locateForCaller } from "./locate_here.ts";
import { mountHere, namesToAllow, unmountHere } from "./mount_for_caller.ts";
import { readMountSettings } from "./mount_tools.ts";
import { note } from "./show.ts";
import { withDaemon } from "./with_daemon.ts";

/**
 * `diskd ssh-command`, for `command=` of authorized_keys, `ForceCommand` of
 * sshd_config, and sudoers: serves the requests of diskd on another host, and
 * nothing else.
 * @throws {Refusal}
 * @throws {ConfigError}
 * @throws {DaemonUnreachable}
 */
export const sshCommand = command("ssh-command", {
  run: withSystem(serveCaller),
});

/** Serves the request in its words, which sudo passes on, or in SSH_ORIGINAL_COMMAND. */
export async function serveCaller(
  given: Options,
  context: MountContext,
): Promise<number> {
  const asked = askedBySsh(
    given.words.length > 0
      ? given.words.join(" ")
      : context.env["SSH_ORIGINAL_COMMAND"],
  );
  if (asked === null || context.inPrompt) {
    throw new Refusal("refused", {
      message: `over ssh only these are allowed: ${ALLOWED_BY_SSH}`,
    });
  }
  const asking = { options: { ...given, json: true }, context };
  switch (asked.kind) {
    case "mount":
      await warnOfFiles(context);
      return await mountHere({ ...asked, dryRun: false }, asking);
    case "unmount":
      return await unmountHere({ ...asked, dryRun: false }, asking);
    case "locate":
      return await locateForCaller(asked, asking);
    case "files":
      return await files(given, context);
  }
}

/** Now, while the caller sees it: sshd(8) drops messages while files are served. */
async function warnOfFiles(context: MountContext): Promise<void> {
  const { system } = context;
  const lacking = await lackingForFiles(system);
  if (lacking === null) return;
  const host = printable(system.hostname());
  note(`diskd: ${host} serves no files: ${lacking}`, context);
}

async function files(options: Options, context: MountContext): Promise<number> {
  const { system, uid, env } = context;
  const end = await serveFiles({
    tools: { system, uid, env },
    devices: await allowedDevices(options, context),
    signal: context.interrupted(),
  });
  if (end.kind === "exited") return end.code === 0 ? EXIT.ok : EXIT.failed;
  note("diskd: the mounts have changed, so this session ends", context);
  return EXIT.notAttached;
}

/** Paths of the local devices that callers may mount. */
async function allowedDevices(
  options: Options,
  context: MountContext,
): Promise<Set<string>> {
  const { allow } = await readMountSettings(context);
  const asking = { options, context, doubts: "refused" } as const;
  return await withDaemon(asking, async (client) => {
    const { hostId } = await client.call("localhost", {});
    const rows = await client.call("list", {});
    const ours = rows.filter((row) =>
      row.hostId === hostId && row.state === "attached" &&
      isAllowed(row, allow)
    );
    // Other users often may not read it, and serve no more than is theirs.
    const checked = ours.map((row) =>
      !isRoot(context) || isProven(row, { allow, context })
    );
    const same = await Promise.all(checked);
    return new Set(
      ours.filter((_, index) => same[index]).map(({ device }) => device),
    );
  });
}

/** Whether the disk is what the daemon says. */
async function isProven(
  row: DiskRow,
  { allow, context }: {
    readonly allow: readonly string[];
    readonly context: MountContext;
  },
): Promise<boolean> {
  try {
    await sameDevice(row, context.system);
    return isAllowed(await namesToAllow(row, { allow, context }), allow);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return false;
  }
}
