/** Runs a program to its end; rejects with what it wrote when it fails. */
export async function runTool(
  argv: readonly [string, ...string[]],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const [program, ...args] = argv;
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args,
    env,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  const written = decoder.decode(stdout);
  if (code === 0) return written;
  throw new Error(
    `${argv.join(" ")} exited with ${code}:\n${
      decoder.decode(stderr)
    }${written}`,
  );
}
