/**
 * deno task package [--arch amd64|arm64] [--binary FILE] [--licences FILE]
 *
 * Makes dist/packages/diskd_VERSION-1_ARCH.deb and diskd-VERSION-1.MACHINE.rpm.
 */
import { parseArgs } from "node:util";
import { VERSION } from "../../src/version.ts";
import { makeDeb } from "./deb.ts";
import { checkInputs, isArchitecture } from "./package_inputs.ts";
import { PROJECT } from "./project_files.ts";
import { makeRpm } from "./rpm.ts";
import { sourceDateSeconds } from "./source_date.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    arch: { type: "string", default: "amd64" },
    binary: { type: "string", default: `${PROJECT}/dist/diskd` },
    licences: { type: "string", default: `${PROJECT}/dist/licences.txt` },
  },
});
const { arch: architecture, binary, licences } = values;
if (!isArchitecture(architecture)) {
  throw new Error(`--arch ${architecture}: expected amd64 or arm64.`);
}
const inputs = {
  architecture,
  binary,
  licences,
  version: VERSION,
  folder: `${PROJECT}/dist/packages`,
  epochSeconds: sourceDateSeconds(PROJECT),
  quick: false,
};
checkInputs(inputs);
console.log((await Promise.all([makeDeb(inputs), makeRpm(inputs)])).join("\n"));
