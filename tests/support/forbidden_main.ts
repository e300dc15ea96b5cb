/**
 * Tries what diskd must not be able to do, with the permissions that it is
 * started with:
 *
 *     deno run -P=diskd --config=deno.json forbidden_main.ts [--page] [PATH...]
 *
 * Where paths are given it first gives back its permissions as a daemon does
 * that uses these, or the page. Prints a JSON object: of each attempt `refused`, `done`, or
 * what else came of it. Nothing that it tries does harm where it succeeds.
 */
import { DatabaseSync } from "node:sqlite";
import {
  DOCTOR_PROGRAMS,
  dropForWeb,
  dropPermissions,
  MOUNT_PROGRAMS,
  MOUNT_VARIABLES,
} from "../../src/daemon/drop_permissions.ts";

const used = Deno.args;
if (used[0] === "--page") dropForWeb(used.slice(1));
else if (used.length > 0) dropPermissions(used);

/** Whatever is there, a file of this name is not. */
const NEW = `diskd-was-here-${crypto.randomUUID()}`;

const attempts: Readonly<Record<string, () => unknown>> = {
  ...needed(),
  ...reads([
    "/etc/shadow",
    "/etc/passwd",
    "/etc/diskd/../shadow",
    "/etc/ssh/ssh_host_ed25519_key",
    "/boot",
    "/usr/bin/blkid",
    "/var/log",
    "/var/lib/dbus",
    "/proc/self/environ",
    "/proc/self/mem",
    "/proc/1/environ",
    "/proc/partitions",
    "/sys/block",
    "/sys/kernel",
    "/dev/sda",
    "/dev/mem",
    "/dev/disk/by-label",
  ]),
  ...writes([
    "/",
    "/etc",
    "/etc/cron.d",
    "/etc/diskd",
    "/usr/bin",
    "/usr/local/bin",
    "/var/lib",
    "/boot",
    "/dev",
    "/proc/sys/kernel",
    "/sys/block",
  ]),
  "write /dev/sda": () => Deno.openSync("/dev/sda", { write: true }).close(),
  ...runs([
    "sh",
    "/bin/sh",
    "env",
    "/usr/bin/nsenter",
    "/usr/sbin/mkfs.ext4",
    "shred",
    "scp",
    "/tmp/blkid",
    "/tmp/ssh",
    "/usr/local/bin/lsblk",
    "/usr/local/bin/mount",
  ]),
  "run blkid with LD_PRELOAD": () =>
    run("/usr/sbin/blkid", { env: { LD_PRELOAD: "/tmp/x.so" } }),
  "load a library": () => Deno.dlopen("libc.so.6", {}),
  "signal another process": () => Deno.kill(1, "SIGCONT"),
  ...variables(["LD_PRELOAD", "SSH_CONNECTION", "MAIL", "DENO_DIR"]),
  "list variables": () => Deno.env.toObject(),
  "set LD_PRELOAD": () => Deno.env.set("LD_PRELOAD", "/tmp/x.so"),
  "ask osRelease": () => Deno.osRelease(),
  "ask loadavg": () => Deno.loadavg(),
  "ask systemMemoryInfo": () => Deno.systemMemoryInfo(),
  "ask gid": () => Deno.gid(),
  "make a symbolic link": () => Deno.symlinkSync("/etc/shadow", `/tmp/${NEW}`),
  "link /etc/shadow": () => Deno.linkSync("/etc/shadow", `/tmp/${NEW}`),
  "rename /etc/shadow": () => Deno.renameSync("/etc/shadow", `/tmp/${NEW}`),
  "be given more": () => request(),
  "load code": () => import(`file:///usr/lib/${NEW}.ts`),
  "open a database in /etc": () => new DatabaseSync(`/etc/${NEW}.db`),
  ...writes(["/root", "/home", "/tmp", "/var/tmp", "/run", "/var/run"]),
  ...writes(["/mnt", "/media", "/srv"]),
  ...runs(["/usr/bin/mount", "/usr/bin/umount", "/usr/bin/dd"]),
  ...variables(MOUNT_VARIABLES),
  ...(used.length > 0 ? afterwards() : {}),
};

/** What diskd does itself: that the others are refused would else prove nothing. */
function needed(): Record<string, () => unknown> {
  return {
    ...reads(["/etc/machine-id", "/etc/group"]),
    ...writes(["/var/lib/diskd", "/run/diskd"]),
    ...runs(["/usr/bin/lsblk"]),
    ...variables(["DISKD_SOCKET"]),
    "ask hostname": () => Deno.hostname(),
  };
}

/** What a daemon that has started cannot do, and others can. */
function afterwards(): Record<string, () => unknown> {
  return {
    ...reads(["/root", "/home", "/tmp", "/var/tmp", "/run/systemd"]),
    ...reads(["/mnt", "/media", "/srv"]),
    ...runs(MOUNT_PROGRAMS),
    ...runs(DOCTOR_PROGRAMS),
    ...runs(MOUNT_PROGRAMS.map((program) => `/bin/${program}`)),
    "connect to D-Bus": () =>
      Deno.connect({
        transport: "unix",
        path: "/run/dbus/system_bus_socket",
      }),
    "get /etc back": () => request("/etc"),
  };
}

async function request(path?: string): Promise<void> {
  const { state } = await Deno.permissions.request({ name: "write", path });
  if (state !== "granted") throw new Deno.errors.NotCapable(state);
}

function reads(paths: readonly string[]): Record<string, () => unknown> {
  return attemptsOn(paths, "read", (path) => {
    Deno.statSync(path);
    Deno.openSync(path).close();
  });
}

function writes(folders: readonly string[]): Record<string, () => unknown> {
  return attemptsOn(folders, "write in", (folder) => {
    const path = `${folder === "/" ? "" : folder}/${NEW}`;
    Deno.writeTextFileSync(path, "");
    Deno.removeSync(path);
  });
}

function runs(programs: readonly string[]): Record<string, () => unknown> {
  return attemptsOn(programs, "run", (program) => run(program, {}));
}

function run(program: string, options: Deno.CommandOptions): void {
  const quiet = { stdout: "null", stderr: "null", stdin: "null" } as const;
  new Deno.Command(program, {
    ...{ args: ["--version"], clearEnv: true },
    ...quiet,
    ...options,
  }).outputSync();
}

function variables(names: readonly string[]): Record<string, () => unknown> {
  return attemptsOn(names, "variable", (name) => Deno.env.get(name));
}

function attemptsOn(
  things: readonly string[],
  what: string,
  act: (thing: string) => unknown,
): Record<string, () => unknown> {
  return Object.fromEntries(
    things.map((thing) => [`${what} ${thing}`, () => act(thing)]),
  );
}

/** Not for want of rights of the user, and not because something is not there. */
function isRefusal(error: unknown): boolean {
  return error instanceof Deno.errors.NotCapable ||
    (error instanceof TypeError && error.message.startsWith("Requires "));
}

const met: Record<string, string> = {};
for (const [name, act] of Object.entries(attempts)) {
  try {
    await act();
    met[name] = "done";
  } catch (error) {
    met[name] = isRefusal(error) ? "refused" : String(error);
  }
}
console.log(JSON.stringify(met));
