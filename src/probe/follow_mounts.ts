import type { Following, System } from "../system/system.ts";
import { mayNotSeeProcess1, OF_PROCESS_1 } from "./process_1.ts";

/** Prints what is mounted, a line for each mount, unmount, remount and move, and nothing before. @see findmnt(8) */
export const POLL_ARGS: readonly string[] = [
  "--poll",
  "--noheadings",
  "--raw",
  "--output",
  "SOURCE",
];

/** Follows the mounts of this host and, where these are not to be seen, those that we see. */
export function followMounts(
  system: Pick<System, "follow">,
  onLine: (line: string) => void,
): Following {
  const follow = (args: readonly string[]) =>
    system.follow("findmnt", [...args, ...POLL_ARGS], onLine);
  let isStopped = false;
  let following = follow(OF_PROCESS_1);
  const ended = following.ended.then((end) => {
    const isHidden = end.kind === "exited" && mayNotSeeProcess1(end.stderr);
    if (isStopped || !isHidden) return end;
    following = follow([]);
    return following.ended;
  });
  return {
    ended,
    stop() {
      isStopped = true;
      return following.stop();
    },
  };
}
