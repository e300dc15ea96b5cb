import assert from "node:assert/strict";
import { runCommandLine } from "../../../src/cli/app.ts";
import { fakeContext } from "./fake_context.ts";

async function refused(words: readonly string[]): Promise<string> {
  const context = fakeContext({});
  const code = await runCommandLine(["web", ...words], context);
  assert.equal(code, 2);
  return context.stderr.text;
}

Deno.test("web refuses an address that is none", async () => {
  for (const listen of ["alpha:80", "1.2.3.4", "unix:x"]) {
    assert.match(
      await refused(["--listen", listen]),
      /--listen is .*, expected an address and a port such as 127\.0\.0\.1:8082, or unix: and a path/,
    );
  }
});

Deno.test("web wants a token or a proxy where the network reaches it", async () => {
  for (const listen of ["0.0.0.0:8082", "192.168.1.11:8082", "[::]:8082"]) {
    const said = await refused(["--listen", listen]);
    assert.match(said, /everybody on the network could read the page there/);
    assert.match(said, /--token-file, or say --behind-proxy/);
  }
});

Deno.test("web refuses a token that others can read, or that is none", async () => {
  const file = await Deno.makeTempFile();
  try {
    const ask = () => refused(["--token-file", file]);
    await Deno.writeTextFile(file, "a-token-of-some-length\n");
    await Deno.chmod(file, 0o644);
    assert.match(await ask(), /has mode 0644, so other users can access it/);
    await Deno.chmod(file, 0o600);
    for (
      const text of ["", "short", "two\nlines-of-a-long-token", "a b".repeat(9)]
    ) {
      await Deno.writeTextFile(file, text);
      assert.match(await ask(), /expected one line of 16 to 256 letters/);
    }
    await Deno.remove(file);
    assert.match(await ask(), /does not exist; make one: diskd key new/);
  } finally {
    await Deno.remove(file).catch(() => {});
  }
});
