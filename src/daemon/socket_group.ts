/** Where group names are, group(5). */
export const GROUP_FILE = "/etc/group";

/**
 * The number of the group that may use a control socket, given by name or
 * number; `null` for none.
 * @throws {Error} when there is no such group
 */
export function socketGroupId(
  group: string | null,
  { setting, readText }: {
    /** What names the group. */
    readonly setting: "socketGroup" | "readSocketGroup";
    readonly readText: (path: string) => string | null;
  },
): number | null {
  if (group === null) return null;
  if (/^\d+$/.test(group)) return Number(group);
  for (const line of (readText(GROUP_FILE) ?? "").split("\n")) {
    const [name, , gid] = line.split(":");
    if (name === group && gid !== undefined) return Number(gid);
  }
  throw new Error(
    `There is no group ${JSON.stringify(group)} in ${GROUP_FILE} for the ` +
      `control socket; make it with groupadd, or set ${setting} to another`,
  );
}
