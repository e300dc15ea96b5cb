/** Ticks of utime and stime a second: USER_HZ, the same on every architecture that diskd is built for. */
const TICKS_PER_SECOND = 100;

/** CPU seconds that a process has used so far, all its threads and not its children: utime and stime of proc_pid_stat(5). */
export function cpuSeconds(pid: number): number {
  const { utime, stime } = readStat(pid);
  return (utime + stime) / TICKS_PER_SECOND;
}

/** The same with its children, those that have ended and those that live. */
export function familyCpuSeconds(pid: number): number {
  const { cutime, cstime } = readStat(pid);
  const ended = (cutime + cstime) / TICKS_PER_SECOND;
  return childrenOf(pid)
    .reduce((sum, child) => sum + cpuSeconds(child), cpuSeconds(pid) + ended);
}

/** The kernel keeps them by the thread that started them. */
function childrenOf(pid: number): number[] {
  const threads = [...Deno.readDirSync(`/proc/${pid}/task`)];
  return threads.flatMap(({ name }) =>
    Deno.readTextFileSync(`/proc/${pid}/task/${name}/children`)
      .split(" ").filter((word) => word !== "").map(Number)
  );
}

function readStat(pid: number) {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  // The second field is the program's name, which may hold spaces and brackets.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ").map(Number);
  const [utime = NaN, stime = NaN, cutime = NaN, cstime = NaN] = fields.slice(
    11,
  );
  return { utime, stime, cutime, cstime };
}

/** Memory of a process, in 10^6 bytes. */
export interface Memory {
  readonly resident: number;
  /** What the kernel cannot drop. */
  readonly anonymous: number;
}

/** From smaps_rollup of proc_pid_smaps(5). */
export function memoryOf(pid: number): Memory {
  const rollup = Deno.readTextFileSync(`/proc/${pid}/smaps_rollup`);
  const megabytes = (field: string) => {
    const kibibytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m")
      .exec(rollup)?.[1];
    if (kibibytes === undefined) throw new Error(`Process ${pid} has ended.`);
    return Number(kibibytes) * 1024 / 1e6;
  };
  return { resident: megabytes("Rss"), anonymous: megabytes("Anonymous") };
}
