import { VERSION } from "../../src/version.ts";
import type {
  Architecture,
  PackageInputs,
} from "../../packaging/tasks/package_inputs.ts";

/** Of this machine, as Debian calls it. */
export const ARCHITECTURE: Architecture = Deno.build.arch === "aarch64"
  ? "arm64"
  : "amd64";

/** Any program can be packaged: a small one of this machine, which does nothing. */
const PROGRAM = "/bin/true";

/** A moment of a day that is in no time zone another. */
const EPOCH_SECONDS = 1_764_331_200;

/** Inputs of a package with a small program in place of diskd's binary, whose licences are in a file in `folder`. */
export function standIn(
  folder: string,
  others: Partial<PackageInputs> = {},
): PackageInputs {
  const licences = `${folder}/licences.txt`;
  Deno.writeTextFileSync(licences, "The licences of a program.\n");
  return {
    binary: PROGRAM,
    architecture: ARCHITECTURE,
    version: VERSION,
    licences,
    folder,
    epochSeconds: EPOCH_SECONDS,
    quick: true,
    ...others,
  };
}
