/**
 * Makes findmnt(8) tell of the mounts that process 1 sees, which are those of
 * the host. A service may have a table of its own: systemd makes one for
 * ProtectSystem=, StateDirectory= and the like, in which directories of diskd
 * are mount points of the root disk, and all is read-only.
 */
export const OF_PROCESS_1: readonly string[] = ["--task", "1"];

/** Whether findmnt(8) said that it may not look at process 1, proc(5) `hidepid`. */
export function mayNotSeeProcess1(stderr: string): boolean {
  return stderr.includes("/proc/1/");
}
