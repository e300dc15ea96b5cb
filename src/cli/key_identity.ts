/** `diskd key show` and `diskd key reset-identity`: the identity of this host. */
import { DaemonUnreachable } from "../control/client.ts";
import { defaultSocket } from "../config/paths.ts";
import { fingerprintOf } from "../inventory/host.ts";
import { renderDetails, renderJson } from "../render/format.ts";
import {
  hostKeyPath,
  readHostKeyFile,
  removeHostKeyFile,
} from "../store/host_key_file.ts";
import { EXIT } from "../system/exit_code.ts";
import { reasonOf } from "../system/reason.ts";
import { printable } from "../text/printable.ts";
import { command, type Options } from "./command.ts";
import type { Context } from "./context.ts";
import { CONFIG_FLAGS } from "./daemon.ts";
import { note } from "./show.ts";

const FLAGS = {
  config: CONFIG_FLAGS.config,
  stateDir: CONFIG_FLAGS.stateDir,
};

/** `diskd key show`: prints the public half of the identity, from its file. */
export const keyShow = command("key show", {
  flags: FLAGS,
  help:
    `Prints the name, id, fingerprint and public key of this host, and the file with
the private key, whether or not the daemon runs. Other hosts show the same
fingerprint in diskd hosts.`,
  run: show,
});

/** `diskd key reset-identity`: removes the identity; the daemon makes a new one. */
export const keyReset = command("key reset-identity", {
  flags: FLAGS,
  help:
    `For an image that is going to be cloned, or after somebody else may have read
the key: the daemon makes a new identity at its next start. Other hosts then take
this one for a newcomer under its name, until diskd forget settles it there.
Refuses while the daemon runs.`,
  run: reset,
});

type KeyOptions = Options<typeof FLAGS>;

async function show(options: KeyOptions, context: Context): Promise<number> {
  const { config, path, uid } = await locate(options, context);
  const found = readHostKeyFile(path, { uid });
  if (found.kind === "missing") {
    note(
      `There is no ${
        printable(path)
      }: the daemon makes the identity at its first start`,
      context,
    );
    return EXIT.notKnown;
  }
  if (found.kind !== "key") {
    note(`${printable(path)} ${printable(found.reason)}`, context);
    if (uid !== 0) note("As root: sudo diskd key show", context);
    return EXIT.refused;
  }
  const { id, publicKey } = found.key;
  const host = config.hostName ?? (await context.loadSystem()).hostname();
  const fingerprint = fingerprintOf(id);
  context.stdout.write(
    options.json
      ? renderJson({ host, hostId: id, fingerprint, publicKey, file: path })
      : renderDetails([
        ["host", printable(host)],
        ["fingerprint", fingerprint],
        ["id", id],
        ["public key", publicKey],
        ["file", printable(path)],
      ]),
  );
  if (found.problem !== null) note(printable(found.problem), context);
  return EXIT.ok;
}

async function reset(options: KeyOptions, context: Context): Promise<number> {
  const { config, path } = await locate(options, context);
  if (await isRunning(config.socket, context)) {
    note(
      "The daemon runs, and would go on with its identity. Stop it first: " +
        "systemctl stop diskd",
      context,
    );
    return EXIT.refused;
  }
  try {
    const removed = removeHostKeyFile(path);
    if (options.json) context.stdout.write(renderJson({ removed }));
    else if (removed.length === 0) {
      note(`There is no ${printable(path)}, so nothing to remove`, context);
    }
    for (const file of removed) note(`Removed ${printable(file)}`, context);
    return EXIT.ok;
  } catch (error) {
    note(printable(`Cannot remove ${path}: ${reasonOf(error)}`), context);
    return EXIT.refused;
  }
}

/** The configuration, the file with the key, and the user of the daemon. */
async function locate(
  { config: file, stateDir, socket }: KeyOptions,
  { env, uid, readText }: Context,
) {
  const { loadConfig } = await import("../config/load_config.ts");
  const { daemonUser } = await import("../daemon/keys.ts");
  const flags = {
    ...(file !== undefined && { config: file }),
    ...(stateDir !== undefined && { stateDir }),
    ...(socket !== undefined && { socket }),
  };
  const config = loadConfig({ flags, env, uid, readText });
  const path = hostKeyPath(config.stateDir, {
    socket: config.socket,
    defaultSocket: defaultSocket({ uid, env }),
  });
  return { config, path, uid: daemonUser(config, uid) };
}

/** Whether a daemon listens there, or may. */
async function isRunning(socket: string, context: Context): Promise<boolean> {
  try {
    (await context.connect([socket])).close();
    return true;
  } catch (error) {
    if (!(error instanceof DaemonUnreachable)) throw error;
    return error.reason !== "not-found" && error.reason !== "refused";
  }
}
