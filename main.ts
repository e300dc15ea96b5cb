import { VERSION } from "./src/version.ts";

const [first, ...others] = Deno.args;
const asksVersion = others.length === 0 &&
  (first === "--version" || first === "-V");
// Answered here, because everything else takes longer to load than to run.
if (!asksVersion || !wroteVersion()) {
  const { main } = await import("./src/cli/main.ts");
  Deno.exit(await main(Deno.args));
}

/** What cannot be written is left to the rest, which says so. */
function wroteVersion(): boolean {
  try {
    console.log(`diskd ${VERSION}`);
    return true;
  } catch {
    return false;
  }
}
