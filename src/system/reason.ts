/** Where a program with the permissions of the binary may read and write at all, see `permissions` in deno.json. */
export const FILE_PLACES =
  "/run, /var/lib/diskd, /tmp, /var/tmp, /home, /root, /mnt, /media and /srv";

/** Why something failed, as the end of a sentence. */
export function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.NotCapable) {
    return `diskd is built to use files under ${FILE_PLACES} only`;
  }
  return error instanceof Error ? error.message : String(error);
}
