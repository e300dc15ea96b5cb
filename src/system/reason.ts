/** Where a program with the permissions of the binary may read and write at all, see `permissions` in deno.json. */
const FOLDERS = [
  ...["/run", "/var/lib/diskd", "/tmp", "/var/tmp", "/home", "/root"],
  ...["/mnt", "/media", "/srv"],
];

/** The same, to be read. */
export const FILE_PLACES = `${FOLDERS.slice(0, -1).join(", ")} and ${
  FOLDERS.at(-1)
}`;

/** Whether a path is below one of these. */
export function isInFilePlaces(path: string): boolean {
  return FOLDERS.some((folder) => path.startsWith(`${folder}/`));
}

/** Why something failed, as the end of a sentence. */
export function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.NotCapable) {
    return `diskd is built to use files under ${FILE_PLACES} only`;
  }
  return error instanceof Error ? error.message : String(error);
}
