/** Ticks of utime and stime a second: USER_HZ, the same on every architecture that diskd is built for. */
const TICKS_PER_SECOND = 100;

/** CPU seconds that a process has used so far, all its threads and not its children: utime and stime of proc_pid_stat(5). */
export function cpuSeconds(pid: number): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  // The second field is the program's name, which may hold spaces and brackets.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [utime, stime] = [fields[11], fields[12]].map(Number);
  return (utime! + stime!) / TICKS_PER_SECOND;
}

/** Resident memory of a process, in 10^6 bytes: VmRSS of proc_pid_status(5). */
export function residentMegabytes(pid: number): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kibibytes === undefined) throw new Error(`Process ${pid} has ended.`);
  return Number(kibibytes) * 1024 / 1e6;
}
