import assert from "node:assert/strict";
import { checkInputs } from "../../../packaging/tasks/package_inputs.ts";
import { ARCHITECTURE, standIn } from "../../support/stand_in.ts";

Deno.test("checkInputs() says what is missing or of another processor, and the remedy", () => {
  const folder = Deno.makeTempDirSync({ prefix: "diskd-inputs-" });
  try {
    const inputs = standIn(folder);
    checkInputs(inputs);
    const absent = `${folder}/absent`;
    assert.throws(() => checkInputs({ ...inputs, binary: absent }), {
      message: `${absent} is missing. ` +
        'Run "deno task compile", or name one with --binary.',
    });
    assert.throws(() => checkInputs({ ...inputs, licences: absent }), {
      message: `${absent} is missing. ` +
        'Run "deno task licences", or name one with --licences.',
    });
    const other = ARCHITECTURE === "amd64" ? "arm64" : "amd64";
    assert.throws(() => checkInputs({ ...inputs, architecture: other }), {
      message:
        /^\/bin\/true is a program for (x86_64|aarch64), but the package is for (?!\1)/,
    });
    assert.throws(() => checkInputs({ ...inputs, binary: inputs.licences }), {
      message: /is not a program for any of our processors/,
    });
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
