import type { Argv } from "./typed.ts";
import type { ServedFolders } from "./served_folders.ts";

/** Where distributions have the sftp-server(8) of OpenSSH. */
export const SFTP_SERVERS: readonly string[] = [
  "/usr/lib/openssh/sftp-server",
  "/usr/libexec/openssh/sftp-server",
  "/usr/lib/ssh/sftp-server",
  "/usr/libexec/sftp-server",
];

/** Libraries and what loads them. */
const LIBRARY_FOLDERS = ["/lib", "/lib64", "/usr/lib", "/usr/lib64"];

/** What root needs to do with files what it does outside: capabilities(7). None lets it out. */
const CAPABILITIES_OF_ROOT = [
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_DAC_READ_SEARCH",
  "CAP_FOWNER",
  "CAP_FSETID",
];

/** What is to be served, and to whom. */
export interface FileServer extends ServedFolders {
  /** Path of sftp-server(8). */
  readonly server: string;
  /** Path of a passwd(5) with whoever runs it, without which it does not start. */
  readonly passwd: string;
  /** Whether we are root, and so may be it inside as well. */
  readonly isRoot: boolean;
}

/**
 * The bwrap(1) command that runs sftp-server on its own streams, in a place
 * where nothing is but the folders, libraries to read, a passwd(5) of one line
 * and `/dev/null`: no network, no other process, no program but itself. The
 * folders keep their paths.
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

/** What is above comes first, or it would cover what is within. */
function layers({ folders, hidden }: ServedFolders): string[] {
  return [
    ...folders.map((path) => ["--bind-try", path, path]),
    ...hidden.map((path) => ["--tmpfs", path]),
  ].toSorted(([, a = ""], [, b = ""]) => a < b ? -1 : 1).flat();
}

/** All that sftp-server wants to know of the user: that there is one. */
export function passwdOf(uid: number): string {
  return `diskd:x:${uid}:65534::/:/\n`;
}
