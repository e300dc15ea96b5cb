import { fileURLToPath } from "node:url";

/** Path of the project, without a slash at its end. */
export const PROJECT = fileURLToPath(new URL("../..", import.meta.url))
  .replace(/\/$/, "");

/** The text of a file of the project, by its path there. */
export function projectText(path: string): string {
  return Deno.readTextFileSync(`${PROJECT}/${path}`);
}
