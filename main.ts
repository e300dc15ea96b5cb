import { VERSION } from "./src/version.ts";

const [first, ...others] = Deno.args;
// Answered here, because everything else takes longer to load than to run.
if (others.length === 0 && (first === "--version" || first === "-V")) {
  console.log(`diskd ${VERSION}`);
} else {
  const { main } = await import("./src/cli/main.ts");
  Deno.exit(await main(Deno.args));
}
