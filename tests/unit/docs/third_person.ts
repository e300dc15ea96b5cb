/** "lists all hosts" of "List all hosts": what a document says of a command. */
export function thirdPerson(brief: string): string {
  const [verb = "", ...others] = brief.split(" ");
  const ending = verb.endsWith("o") ? "es" : "s";
  return [`${verb.toLowerCase()}${ending}`, ...others].join(" ");
}
