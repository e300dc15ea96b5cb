/** What a test cannot do without. */
export interface Needs {
  /** The rights of root. */
  readonly root?: boolean;
  /** All that `Lan` needs: root, its programs, and the right to make namespaces. */
  readonly lan?: boolean;
  /** Programs found in PATH or in a system folder, or paths. */
  readonly programs?: readonly string[];
  /** Modules of the system's own Python. */
  readonly python?: readonly string[];
}

/** To be spread into a `Deno.test` definition. */
export interface NeededTest {
  readonly name: string;
  readonly ignore: boolean;
  /** Why it is skipped; empty when it is not. */
  readonly reason: string;
}

/** The Python that the distribution's `python3-*` packages belong to. */
export const PYTHON = "/usr/bin/python3";

/** A browser without windows. */
export const CHROMIUM = "/usr/bin/chromium-headless-shell";

/** What interactive bash reads to load completions by the name of the command. */
export const BASH_COMPLETION = "/usr/share/bash-completion/bash_completion";

/** What `Lan` runs itself. */
const LAN_PROGRAMS = [
  "ip",
  "unshare",
  "nsenter",
  "mount",
  "losetup",
  "blkid",
  "mkfs.ext4",
  "mkfs.vfat",
  "mkfs.xfs",
  "mkfs.btrfs",
  "mkswap",
];

const SYSTEM_FOLDERS = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"];

/**
 * Names a test and tells whether it can run here. When it cannot, says so in
 * one line on standard error: `SKIPPED: NAME: why`. With `DISKD_NO_SKIP=1`,
 * as in CI, it throws instead.
 *
 *     Deno.test({ ...needs("mkfs works", { root: true }), fn() {} });
 */
export function needs(name: string, needs: Needs): NeededTest {
  const reason = whatIsLacking(needs);
  if (reason === "") return { name, ignore: false, reason };
  if (Deno.env.get("DISKD_NO_SKIP") === "1") {
    throw new Error(
      `"${name}" would be skipped, and DISKD_NO_SKIP=1 forbids it: ${reason}.`,
    );
  }
  console.error(`SKIPPED: ${name}: ${reason}`);
  return { name, ignore: true, reason };
}

/** Everything of `needs` that this machine does not have; empty when it has it all. */
export function whatIsLacking(needs: Needs): string {
  return [
    ...lacksRights(needs),
    ...lacksPrograms(needs),
    ...lacksModules(needs),
  ].join(", ");
}

function lacksRights({ root, lan }: Needs): string[] {
  if (!root && !lan) return [];
  if (Deno.uid() !== 0) return ["must run as root"];
  return lan && !canUnshare() ? ["may not make namespaces"] : [];
}

function lacksPrograms({ programs = [], lan }: Needs): string[] {
  return [...programs, ...(lan ? LAN_PROGRAMS : [])]
    .filter((program) => !isInstalled(program))
    .map((program) => `the program ${program} is not installed`);
}

function lacksModules({ python = [] }: Needs): string[] {
  return python
    .filter((module) => !isImportable(module))
    .map((module) => `${PYTHON} has no module ${module}`);
}

function canUnshare(): boolean {
  if (!isInstalled("unshare")) return true; // The missing program is said already.
  const args = ["--net", "--mount", "--uts", "--pid", "--fork", "true"];
  return new Deno.Command("unshare", { args, stderr: "null" }).outputSync()
    .success;
}

/** Whether there is such a program in PATH or a system folder, or at its path where that is named. */
export function isInstalled(program: string): boolean {
  if (program.includes("/")) return isFile(program);
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  return [...folders, ...SYSTEM_FOLDERS].some((folder) =>
    isFile(`${folder}/${program}`)
  );
}

/** Whether the system's Python has a module. */
export function isImportable(module: string): boolean {
  if (!isFile(PYTHON)) return false;
  const { success } = new Deno.Command(PYTHON, {
    args: ["-c", `import ${module}`],
    stderr: "null",
  }).outputSync();
  return success;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
