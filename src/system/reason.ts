/** Places where the binary may read and write, see `permissions` in deno.json. */
const FOLDERS = [
  ...["/run", "/var/lib/diskd", "/tmp", "/var/tmp", "/home", "/root"],
  ...["/mnt", "/media", "/srv"],
];

/** The same for messages. */
export const FILE_PLACES = `${FOLDERS.slice(0, -1).join(", ")} and ${
  FOLDERS.at(-1)
}`;

/** Whether a path is below one of these. */
export function isInFilePlaces(path: string): boolean {
  return FOLDERS.some((folder) => path.startsWith(`${folder}/`));
}

/** Where this process may write. */
export const WRITABLE = {
  covers: (path: string) =>
    Deno.permissions.querySync({ name: "write", path }).state === "granted",
  places: FILE_PLACES,
};

/** Reason of a failure, as the end of a sentence, without the number of the error. */
export function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.NotCapable) {
    return `diskd is built to use files under ${FILE_PLACES} only`;
  }
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/ \(os error \d+\)/, "");
}
