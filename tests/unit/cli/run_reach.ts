import { runCommandLine } from "../../../src/cli/app.ts";
import type { DiskRow } from "../../../src/control/views.ts";
import { ScriptedCaller, UUID } from "../mount/remote_support.ts";
import { diskRow, hostRow } from "../render/rows.ts";
import { fakeContext, type FakeOptions } from "./fake_context.ts";

const HERE = {
  host: "alpha",
  hostId: "9f0c",
  uniqueHost: "alpha",
  version: "0.1.0",
  addresses: [],
  interfaces: [],
};
/** A disk of another host, that answers as `ScriptedCaller` has it. */
export const ON_BETA = diskRow({ host: "beta", hostId: "b0b0", mounts: [] });
/** What marks mounts of it. */
export const SOURCE = `diskd:${UUID}:beta`;
/** Where `open` shows it. */
export const OPENED = "/run/diskd-open/backup-2019";

/** What the daemon answers, and the host that commands are typed at. */
export interface Given extends Omit<FakeOptions, "rows"> {
  readonly rows?: readonly DiskRow[];
  readonly caller?: ScriptedCaller;
}

/** Runs `diskd` with these words. */
export async function run(words: string, given: Given = {}) {
  const { rows = [ON_BETA], caller = new ScriptedCaller(), ...options } = given;
  const context = fakeContext({
    answers: {
      where: rows,
      localhost: HERE,
      hosts: [hostRow({ host: "beta", hostId: "b0b0" })],
      names: ["backup-2019"],
    },
    system: caller.system,
    ...options,
  });
  const code = await runCommandLine(words.split(" "), context);
  const { stdout, stderr } = context;
  return { code, stdout: stdout.text, stderr: stderr.text, caller };
}
