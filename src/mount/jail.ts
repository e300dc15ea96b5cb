import type { Argv } from "../text/shell_quoted.ts";
import type { ServedFolders } from "./served_folders.ts";

/** Libraries and their loader. */
const LIBRARY_FOLDERS = ["/lib", "/lib64", "/usr/lib", "/usr/lib64"];

/** Where bwrap and unshare are found without a `PATH`. */
const PROGRAM_FOLDERS = ["/usr/bin", "/bin"];

const PASSWD = "/etc/passwd";

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
 * Descriptors of the side pipes, in their order. On `holder` comes the id of a
 * process with the mounts of the jail, on `ready` a word when they are private;
 * sftp-server starts when `gate` is closed.
 */
export const JAIL_PIPES = { holder: 3, ready: 4, gate: 5 };

/**
 * The command that runs sftp-server on its own streams, in a place with only
 * the folders, read-only libraries, a passwd(5) of a single line and
 * `/dev/null`: no network, no other process, no other program. The folders keep
 * their paths.
 *
 * What bwrap(1) binds still receives what is mounted within it later, because
 * bwrap makes mounts slaves, not private (mount_namespaces(7)). So a first bwrap
 * shows the folders and little else to unshare(1), which makes that private,
 * and a second one makes the jail of it. unshare alone would not do: the
 * process of bwrap that waits outside would keep every filesystem of the host
 * in use. What the first bwrap starts is process 1 of a namespace, so that all
 * end with it, whatever the second bwrap has come to.
 */
export function fileServerArgv(
  { server, passwd, isRoot, folders, hidden }: FileServer,
): Argv {
  const shown = (passwdThere: string) => [
    ...LIBRARY_FOLDERS.flatMap((path) => ["--ro-bind-try", path, path]),
    ...["--ro-bind", server, server],
    ...["--ro-bind", passwdThere, PASSWD],
    ...["--dev-bind", "/dev/null", "/dev/null"],
    ...layers({ folders, hidden }),
  ];
  const mounting = isRoot
    ? capabilities([...CAPABILITIES_OF_ROOT, "CAP_SYS_ADMIN"])
    : [];
  return [
    ...["bwrap", "--info-fd", `${JAIL_PIPES.holder}`, "--die-with-parent"],
    ...["--unshare-net", "--unshare-ipc", "--unshare-uts"],
    ...["--unshare-cgroup-try", "--new-session"],
    ...["--unshare-pid", "--as-pid-1"],
    ...["--cap-drop", "ALL", ...mounting],
    ...PROGRAM_FOLDERS.flatMap((path) => ["--ro-bind-try", path, path]),
    // bwrap needs both.
    ...["--proc", "/proc", "--dir", "/tmp"],
    ...shown(passwd),
    ...["--", "unshare", "--mount", "--propagation", "private"],
    // Capabilities would not outlast the next program, and bwrap wants none.
    ...(isRoot ? [] : ["--user", "--map-current-user"]),
    ...["--", "bwrap", "--info-fd", `${JAIL_PIPES.ready}`],
    ...["--block-fd", `${JAIL_PIPES.gate}`],
    ...["--unshare-pid", "--die-with-parent", "--cap-drop", "ALL"],
    ...(isRoot ? capabilities(CAPABILITIES_OF_ROOT) : []),
    ...shown(PASSWD),
    ...hidden.flatMap((path) => ["--remount-ro", path]),
    ...["--remount-ro", "/", "--chdir", "/"],
    ...["--", server],
  ];
}

function capabilities(names: readonly string[]): string[] {
  return names.flatMap((name) => ["--cap-add", name]);
}

/** Outer folders come first; otherwise they would cover inner ones. */
function layers({ folders, hidden }: ServedFolders): string[] {
  return [
    ...folders.map((path) => ["--bind-try", path, path]),
    ...hidden.map((path) => ["--tmpfs", path]),
  ].toSorted(([, a = ""], [, b = ""]) => a < b ? -1 : 1).flat();
}

/** Process id in what bwrap(1) writes to `--info-fd`; `null` if it wrote none. */
export function readChildPid(info: string): number | null {
  const [, pid] = /"child-pid": (\d+)/.exec(info) ?? [];
  return pid === undefined ? null : Number(pid);
}

/** sftp-server only requires the user to exist. */
export function passwdOf(uid: number): string {
  return `diskd:x:${uid}:65534::/:/\n`;
}
