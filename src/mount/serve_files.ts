import { reasonOf } from "../system/reason.ts";
import type {
  HandedOverOutcome,
  PrivateFile,
  SidePipe,
  System,
} from "../system/system.ts";
import { printable } from "../text/printable.ts";
import { fileServerArgv, JAIL_PIPES, passwdOf, readChildPid } from "./jail.ts";
import { readMountPoints } from "./mount_points.ts";
import { Refusal } from "./refusal.ts";
import { isRoot, type LocalTools } from "./run_attended.ts";
import {
  guardFolders,
  isStillFit,
  type ServedFolders,
  servedFolders,
} from "./served_folders.ts";

/** Paths of OpenSSH's sftp-server(8) in distributions. */
const SFTP_SERVERS: readonly string[] = [
  "/usr/lib/openssh/sftp-server",
  "/usr/libexec/openssh/sftp-server",
  "/usr/lib/ssh/sftp-server",
  "/usr/libexec/sftp-server",
];

/** Paths of unshare(1), which the jail runs itself. */
const UNSHARES: readonly string[] = ["/usr/bin/unshare", "/bin/unshare"];

/** How an sftp session ended: by itself, or because one of its folders was unmounted. */
type ServedEnd =
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "unmounted" };

/** Dependencies of an sftp session. */
interface Serving {
  readonly tools: LocalTools;
  /** Paths of the devices to serve. */
  readonly devices: ReadonlySet<string>;
  readonly signal: AbortSignal;
}

/**
 * Serves only the mount points of `devices` by sftp on our own streams. Ends
 * when one of them, or something within, is unmounted, because the session
 * would keep a disk busy invisibly, and when something is mounted within.
 *
 * @throws {Refusal} `refused` if none is mounted or this host lacks a program,
 * see `lackingForFiles`; `failed`
 */
export async function serveFiles(
  { tools, devices, signal }: Serving,
): Promise<ServedEnd> {
  const { system } = tools;
  const server = findServer(system);
  if (server === undefined) throw cannotServe(NO_SERVER);
  if (!hasUnshare(system)) throw cannotServe(NO_UNSHARE);
  const look = async (ofProcess?: number) =>
    servedFolders(await readMountPoints(system, { ofProcess }), devices);
  const served = await look();
  if (served.folders.length === 0) throw nothingMounted();
  const passwd = makePasswd(tools);
  const changed = new AbortController();
  const onChange = () => changed.abort();
  const guard = guardFolders(served, { system, look, onChange });
  const made = Promise.withResolvers<void>();
  const onStart = (pipes: readonly SidePipe[]) =>
    void openIfFit(pipes, { served, look, onChange, onMade: made.resolve });
  try {
    const [program = "", ...args] = fileServerArgv({
      ...served,
      server,
      passwd: passwd.path,
      isRoot: isRoot(tools),
    });
    const ends = AbortSignal.any([signal, changed.signal]);
    const outcome = await system.handOver(program, args, {
      signal: abortedAfter(made.promise, ends),
      sidePipes: Object.keys(JAIL_PIPES).length,
      onStart,
    });
    return changed.signal.aborted ? { kind: "unmounted" } : exited(outcome);
  } finally {
    passwd.remove();
    await guard.stop();
  }
}

/**
 * A signal that aborts with another, but not before: killed while it makes the
 * jail, bwrap leaves a process behind that waits for it.
 */
function abortedAfter(
  made: Promise<void>,
  ends: AbortSignal,
): AbortSignal {
  const late = new AbortController();
  const abort = () => void made.then(() => late.abort());
  if (ends.aborted) abort();
  else ends.addEventListener("abort", abort, { once: true });
  return late.signal;
}

interface Opening {
  readonly served: ServedFolders;
  readonly look: (ofProcess: number) => Promise<ServedFolders>;
  readonly onChange: () => void;
  /** Called when the jail is made, or cannot be. */
  readonly onMade: () => void;
}

/**
 * Lets sftp-server start if the jail shows what it is meant to. What was
 * mounted before its mounts were private, and has gone since, only the jail's
 * own table tells.
 */
async function openIfFit(
  [holder, ready, gate]: readonly SidePipe[],
  { served, look, onChange, onMade }: Opening,
): Promise<void> {
  const pid = readChildPid(await holder!.text());
  const isMade = readChildPid(await ready!.text()) !== null;
  onMade();
  // bwrap has said why, and ended.
  if (pid === null || !isMade) return;
  const shown = await look(pid).catch(() => null);
  if (shown === null || !isStillFit(served, shown)) return onChange();
  gate!.close();
}

function makePasswd(tools: LocalTools): PrivateFile {
  const folder = passwdFolder(tools);
  try {
    return tools.system.privateFile(passwdOf(tools.uid ?? 0), folder);
  } catch (error) {
    throw new Refusal("failed", {
      message: `cannot create a file in ${printable(folder)}: ${
        printable(reasonOf(error))
      }`,
    });
  }
}

/** In memory if possible: `kill -9` leaves it there. */
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

/** The program missing for `serveFiles`, a printable sentence; `null` if none is. */
export async function lackingForFiles(system: System): Promise<string | null> {
  const { kind } = await system.run("bwrap", ["--version"], LOOK);
  if (kind === "missing") return NO_BWRAP;
  if (!hasUnshare(system)) return NO_UNSHARE;
  return findServer(system) === undefined ? NO_SERVER : null;
}

const LOOK = { timeoutMs: 5_000, maxOutputBytes: 4_096 };

const NO_BWRAP = "there is no bwrap, which confines callers to their disks; " +
  "the Debian package is bubblewrap";
const NO_UNSHARE = `there is no unshare, expected one of ${
  UNSHARES.join(", ")
}; the Debian package is util-linux`;
const NO_SERVER = `there is no sftp-server, expected one of ${
  SFTP_SERVERS.join(", ")
}; the Debian package is openssh-sftp-server`;

function hasUnshare(system: System): boolean {
  return UNSHARES.some((path) => system.exists(path));
}

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
