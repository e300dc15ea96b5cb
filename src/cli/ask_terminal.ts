/** Asks on standard error, since data may be on standard output, and reads a line; `null` after Ctrl-C or Ctrl-D. */
export async function askTerminal(question: string): Promise<string | null> {
  const { createInterface } = await import("node:readline");
  const { stdin, stderr } = await import("node:process");
  const lines = createInterface({ input: stdin, output: stderr });
  const { promise, resolve } = Promise.withResolvers<string | null>();
  lines.on("SIGINT", () => lines.close());
  lines.on("close", () => resolve(null));
  lines.question(question, resolve);
  const answer = await promise;
  if (answer === null) stderr.write("\n");
  lines.close();
  return answer;
}
