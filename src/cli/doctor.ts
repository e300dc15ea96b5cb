import { DaemonUnreachable, RemoteFailure } from "../control/client.ts";
import { renderDoctor } from "../render/doctor.ts";
import { EXIT } from "../system/exit_code.ts";
import { VERSION } from "../version.ts";
import { command, type Options } from "./command.ts";
import type { Context } from "./context.ts";
import { LAN_FLAGS } from "./daemon.ts";
import { show } from "./show.ts";
import { type Asking, withDaemon } from "./with_daemon.ts";

const HELP =
  `Checks all that diskd needs: programs, rights, configuration, daemon, network
interface, port, firewall, switch, other hosts. It asks the LAN, and waits a
second for answers. A line says ok, warning or fault; the lines below it say
what to do. With a fault the exit code is 8.

Example:
  sudo diskd doctor`;

/** \`diskd doctor\`: checks everything, with or without a daemon. */
export const doctor = command("doctor", { flags: LAN_FLAGS, help: HELP, run });

async function run(
  options: Options<typeof LAN_FLAGS>,
  context: Context,
): Promise<number> {
  const { examine } = await import("../doctor/mod.ts");
  const view = await examine({
    flags: options,
    env: context.env,
    uid: context.uid,
    readText: context.readText,
    system: await context.loadSystem(),
    askDaemon: () => askDaemon({ options, context }),
  });
  show(view, { options, context, render: renderDoctor });
  return view.ok ? EXIT.ok : EXIT.problems;
}

/** Never rejects because of the daemon. */
export async function askDaemon(asking: Asking) {
  try {
    return await withDaemon(asking, async (client) => {
      const status = await client.call("status", {});
      const { version } = status;
      if (version !== VERSION) {
        return { kind: "other-version", version } as const;
      }
      const hosts = await client.call("hosts", {});
      return { kind: "answers", status, hosts } as const;
    });
  } catch (error) {
    if (error instanceof DaemonUnreachable) {
      const { message } = error;
      return { kind: KINDS[error.reason] ?? "failed", message } as const;
    }
    if (error instanceof RemoteFailure) {
      return { kind: "failed", message: error.message } as const;
    }
    throw error;
  }
}

const KINDS: Readonly<Record<string, "none" | "denied">> = {
  "not-found": "none",
  "refused": "none",
  "denied": "denied",
};
