import { reasonOf } from "../system/reason.ts";
import type {
  HandedOverOutcome,
  PrivateFile,
  System,
} from "../system/system.ts";
import { printable } from "../text/printable.ts";
import type { Argv } from "../text/shell_quoted.ts";
import { readMountPoints } from "./mount_points.ts";
import { Refusal } from "./refusal.ts";
import { isRoot, type LocalTools } from "./run_attended.ts";
import {
  guardFolders,
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

/** Libraries and their loader. */
const LIBRARY_FOLDERS = ["/lib", "/lib64", "/usr/lib", "/usr/lib64"];

/** Capabilities that let root use files as outside, capabilities(7). None leads out of the jail. */
const CAPABILITIES_OF_ROOT = [
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_DAC_READ_SEARCH",
  "CAP_FOWNER",
  "CAP_FSETID",
];

/** The folders to serve, and the server. */
interface FileServer extends ServedFolders {
  /** Path of sftp-server(8). */
  readonly server: string;
  /** Path of a passwd(5) with the present user, required by sftp-server. */
  readonly passwd: string;
  /** Whether this process is root, and so may be root inside. */
  readonly isRoot: boolean;
}

/**
 * The bwrap(1) command that runs sftp-server on its own streams, in a place
 * with only the folders, read-only libraries, a passwd(5) of a single line and
 * `/dev/null`: no network, no other process, no other program. The folders keep
 * their paths.
 */
export function fileServerArgv(
  { server, passwd, isRoot, folders, hidden }: FileServer,
): Argv {
  return [
    "bwrap",
    ...["--unshare-net", "--unshare-pid", "--unshare-ipc", "--unshare-uts"],
    ...["--unshare-cgroup-try", "--new-session", "--die-with-parent"],
    ...["--cap-drop", "ALL"],
    ...(isRoot ? CAPABILITIES_OF_ROOT.flatMap(capability) : []),
    ...LIBRARY_FOLDERS.flatMap((path) => ["--ro-bind-try", path, path]),
    ...["--ro-bind", server, server],
    ...["--ro-bind", passwd, "/etc/passwd"],
    ...["--dev-bind", "/dev/null", "/dev/null"],
    ...layers({ folders, hidden }),
    ...hidden.flatMap((path) => ["--remount-ro", path]),
    ...["--remount-ro", "/", "--chdir", "/"],
    ...["--", server],
  ];
}

function capability(name: string): string[] {
  return ["--cap-add", name];
}

/** Outer folders come first; otherwise they would cover inner ones. */
function layers({ folders, hidden }: ServedFolders): string[] {
  return [
    ...folders.map((path) => ["--bind-try", path, path]),
    ...hidden.map((path) => ["--tmpfs", path]),
  ].toSorted(([, a = ""], [, b = ""]) => a < b ? -1 : 1).flat();
}

/** sftp-server only requires the user to exist. */
export function passwdOf(uid: number): string {
  return `diskd:x:${uid}:65534::/:/\n`;
}

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
 * when one of them is unmounted, because the session would keep the disk busy
 * invisibly, and when something is mounted within.
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
  return findServer(system) === undefined ? NO_SERVER : null;
}

const LOOK = { timeoutMs: 5_000, maxOutputBytes: 4_096 };

const NO_BWRAP = "there is no bwrap, which confines callers to their disks; " +
  "the Debian package is bubblewrap";
const NO_SERVER = `there is no sftp-server, expected one of ${
  SFTP_SERVERS.join(", ")
}; the Debian package is openssh-sftp-server`;

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
