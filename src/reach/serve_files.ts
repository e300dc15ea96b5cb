import { reasonOf } from "../system/reason.ts";
import type {
  HandedOverOutcome,
  PrivateFile,
  System,
} from "../system/system.ts";
import { printable } from "../text/printable.ts";
import { fileServerArgv, passwdOf, SFTP_SERVERS } from "./file_server.ts";
import { guardFolders } from "./guard_folders.ts";
import { isRoot, type LocalTools } from "./local_tools.ts";
import { readMountPoints } from "./mount_points.ts";
import { Refusal } from "./refusal.ts";
import { servedFolders } from "./served_folders.ts";

/** How a session of sftp ended: by itself, or because what it showed is mounted no longer. */
export type ServedEnd =
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "unmounted" };

/** Who is served, and with what. */
export interface Serving {
  readonly tools: LocalTools;
  /** Paths of the devices that may be shown. */
  readonly devices: ReadonlySet<string>;
  readonly signal: AbortSignal;
}

/**
 * Serves the mount points of `devices` by sftp on our own streams, and nothing
 * else. It ends as soon as one of them is unmounted, since it would hold the
 * disk where nobody sees it, and when something else is mounted within.
 *
 * @throws {Refusal} `refused` where none is mounted or this host lacks
 * something, see `lackingForFiles`; `failed`
 */
export async function serveFiles(
  { tools, devices, signal }: Serving,
): Promise<ServedEnd> {
  const { system } = tools;
  const server = findServer(system);
  if (server === undefined) throw cannotServe(NO_SERVER);
  const look = async () =>
    servedFolders(await readMountPoints(system), devices);
  const served = await look();
  if (served.folders.length === 0) throw nothingMounted();
  const passwd = makePasswd(tools);
  const changed = new AbortController();
  const onChange = () => changed.abort();
  const guard = guardFolders(served, { system, look, onChange });
  try {
    const [program = "", ...args] = fileServerArgv({
      ...served,
      server,
      passwd: passwd.path,
      isRoot: isRoot(tools),
    });
    const ends = AbortSignal.any([signal, changed.signal]);
    const outcome = await system.handOver(program, args, ends);
    return changed.signal.aborted ? { kind: "unmounted" } : exited(outcome);
  } finally {
    passwd.remove();
    await guard.stop();
  }
}

function makePasswd(tools: LocalTools): PrivateFile {
  const folder = passwdFolder(tools);
  try {
    return tools.system.privateFile(passwdOf(tools.uid ?? 0), folder);
  } catch (error) {
    throw new Refusal("failed", {
      message: `cannot make a file in ${printable(folder)}: ${
        printable(reasonOf(error))
      }`,
    });
  }
}

/** In memory, if there is a place: `kill -9` leaves it there. */
function passwdFolder(tools: LocalTools): string {
  if (isRoot(tools)) return "/run";
  return tools.env["XDG_RUNTIME_DIR"] || "/tmp";
}

function exited(outcome: HandedOverOutcome): ServedEnd {
  switch (outcome.kind) {
    case "exited":
      return outcome;
    case "missing":
      throw cannotServe(NO_BWRAP);
    case "denied":
      throw new Refusal("failed", {
        message: `bwrap cannot be run: ${printable(outcome.reason)}`,
      });
  }
}

/** What this host lacks for `serveFiles`, a printable sentence; `null`: nothing. */
export async function lackingForFiles(system: System): Promise<string | null> {
  const { kind } = await system.run("bwrap", ["--version"], LOOK);
  if (kind === "missing") return NO_BWRAP;
  return findServer(system) === undefined ? NO_SERVER : null;
}

const LOOK = { timeoutMs: 5_000, maxOutputBytes: 4_096 };

const NO_BWRAP = "there is no bwrap, which keeps callers to their disks; " +
  "in Debian it is in bubblewrap";
const NO_SERVER = `there is no sftp-server, expected one of ${
  SFTP_SERVERS.join(", ")
}; in Debian it is in openssh-sftp-server`;

function findServer(system: System): string | undefined {
  return SFTP_SERVERS.find((path) => system.exists(path));
}

function cannotServe(why: string): Refusal {
  return new Refusal("refused", {
    message: `this host serves no files: ${why}`,
  });
}

function nothingMounted(): Refusal {
  return new Refusal("refused", {
    message: "no disk is mounted that mount.allow of the configuration names",
    hints: ["Mount it first: diskd mount NAME"],
  });
}
