/** Stands for `OWNER/REPOSITORY` wherever the project names its home. */
const PLACEHOLDER = "OWNER/diskd";

/** The project's home, where the files that are packaged name it. */
export const HOME = withHome(`https://github.com/${PLACEHOLDER}`);

/** `text` with the home that `GITHUB_REPOSITORY` names; without it, as it is. */
export function withHome(text: string): string {
  const repository = Deno.env.get("GITHUB_REPOSITORY") || PLACEHOLDER;
  return text.replaceAll(PLACEHOLDER, repository);
}
