import assert from "node:assert/strict";
import { type Outcome, run } from "./process.ts";
import { PROJECT } from "./program.ts";

/** Where the units have the binary. */
export const BINARY = "/usr/local/bin/diskd";

/** The text of a unit that we deliver, such as `diskd.service`. */
export function unitText(name: string): string {
  return Deno.readTextFileSync(`${PROJECT}/packaging/${name}`);
}

/**
 * Has `systemd-analyze` read a unit: it is right, with no remark, and its
 * exposure is at most `threshold`, in tenths (`systemd-analyze security`).
 */
export async function checkUnit(
  name: string,
  { threshold, text = unitText(name), started = BINARY }: {
    readonly threshold: number;
    /** Default: as it is in packaging/. */
    readonly text?: string;
    /** The program that it starts. Default: `BINARY`. */
    readonly started?: string;
  },
): Promise<void> {
  const folder = Deno.makeTempDirSync({ prefix: "diskd-unit-" });
  try {
    const binary = `${folder}/diskd`;
    const unit = `${folder}/${name}`;
    Deno.writeTextFileSync(binary, "#!/bin/sh\n", { mode: 0o755 });
    Deno.writeTextFileSync(unit, text.replaceAll(started, binary));
    const verified = await analyze(["verify", "--man=no", unit]);
    assert.equal(verified.code, 0, verified.stderr);
    // What it does not understand it says, and ends well all the same.
    assert.doesNotMatch(verified.stderr, /diskd/);
    const limit = `--threshold=${threshold}`;
    const words = ["security", "--offline=true", limit, unit];
    const { code, stdout } = await analyze(words);
    assert.equal(code, 0, stdout);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

function analyze(words: readonly string[]): Promise<Outcome> {
  const env = { PATH: "/usr/bin:/bin", SYSTEMD_PAGER: "cat" };
  return run(["systemd-analyze", ...words], { env });
}
