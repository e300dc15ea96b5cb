import { renderJson } from "../render/json.ts";
import { formatKey, KEY_BYTES } from "../store/key_file.ts";
import type { Context } from "./context.ts";
import { EXIT } from "./exit_code.ts";
import type { Options } from "./options.ts";

/** `diskd key new`: a fresh key, for a file that diskd never writes itself. */
export function keyNew({ json }: Options, { stdout }: Context): number {
  const secret = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  const key = formatKey(secret);
  stdout.write(json ? renderJson({ key }) : `${key}\n`);
  return EXIT.ok;
}
