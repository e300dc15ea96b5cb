import assert from "node:assert/strict";
import { needs } from "../support/needs.ts";
import { run, runOrThrow } from "../support/process.ts";
import { PROJECT } from "../support/program.ts";

const BINARY = Deno.env.get("DISKD_BIN");
const ENV = { PATH: Deno.env.get("PATH")!, LC_ALL: "C" };

// From source there is nothing to patch.
if (BINARY) {
  Deno.test({
    ...needs(
      "The binary runs with the loader of NixOS, which patchelf alone breaks",
      {
        programs: ["patchelf", "readelf"],
      },
    ),
    async fn() {
      const folder = Deno.makeTempDirSync({ prefix: "diskd-patched-" });
      try {
        const loader = `${folder}/${"long".repeat(20)}`;
        const patched = `${folder}/diskd`;
        Deno.copyFileSync(BINARY, patched);
        const headers = await runOrThrow(
          ["readelf", "--program-headers", patched],
          { env: ENV },
        );
        Deno.symlinkSync(/interpreter: (.*)\]/.exec(headers)![1]!, loader);

        const script = `${PROJECT}/packaging/nix/patch.sh`;
        await runOrThrow(["sh", script, patched, loader, "/libraries"], {
          env: ENV,
        });
        const words = [patched, "--version"];
        assert.match(await runOrThrow(words, { env: {} }), /^diskd \d/);

        // If this runs one day, patch.sh is no longer needed.
        Deno.copyFileSync(BINARY, patched);
        await runOrThrow(["patchelf", "--set-interpreter", loader, patched], {
          env: ENV,
        });
        const broken = await run(words, { env: {} });
        assert.match(broken.stderr, /Could not find standalone binary section/);
      } finally {
        Deno.removeSync(folder, { recursive: true });
      }
    },
  });
}
