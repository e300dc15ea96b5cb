/** The time that a build without git has: 1 January 2000, UTC. */
const WITHOUT_GIT_SECONDS = 946_684_800;

/**
 * The time that everything built from the source in the folder `project` says
 * it was made, in seconds since 1970: `SOURCE_DATE_EPOCH`, else the time of
 * the commit, else a fixed one.
 *
 * @see https://reproducible-builds.org/specs/source-date-epoch/
 */
export function sourceDateSeconds(
  project: string,
  given = Deno.env.get("SOURCE_DATE_EPOCH"),
): number {
  if (!given) return commitSeconds(project) ?? WITHOUT_GIT_SECONDS;
  if (!/^\d{1,11}$/.test(given)) {
    throw new Error(
      `SOURCE_DATE_EPOCH is ${JSON.stringify(given)}: expected seconds since ` +
        "1970, such as those of `date +%s`.",
    );
  }
  return Number(given);
}

/** `null` without git, and where the source lies in a repository of something else. */
function commitSeconds(project: string): number | null {
  const top = git(project, ["rev-parse", "--show-toplevel"]);
  if (top === null || top !== Deno.realPathSync(project)) return null;
  const seconds = git(project, ["log", "-1", "--format=%ct"]);
  return seconds ? Number(seconds) : null;
}

function git(folder: string, args: readonly string[]): string | null {
  try {
    const { success, stdout } = new Deno.Command("git", {
      args: ["-C", folder, ...args],
      stderr: "null",
    }).outputSync();
    return success ? new TextDecoder().decode(stdout).trimEnd() : null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
