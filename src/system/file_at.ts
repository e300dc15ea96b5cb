/** Whether `path` names this very file, which another may have replaced. */
export function isFileAt(
  path: string,
  { dev, ino }: Pick<Deno.FileInfo, "dev" | "ino">,
): boolean {
  const found = statOrNull(path);
  return found !== null && found.dev === dev && found.ino === ino;
}

/** What is at `path`, which may be a symbolic link; `null`: nothing. */
export function statOrNull(path: string): Deno.FileInfo | null {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    if (error instanceof Deno.errors.NotADirectory) return null;
    throw error;
  }
}
