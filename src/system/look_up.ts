import { lookup } from "node:dns";
import { TOO_LATE, within } from "./within.ts";

/** The addresses of a host name; see `System.lookUp`. Needs `--allow-net`. */
export async function lookUp(
  name: string,
  timeoutMs: number,
): Promise<readonly string[]> {
  const { promise, resolve } = Promise.withResolvers<readonly string[]>();
  lookup(name, { all: true }, (error, found) => {
    resolve(error ? [] : found.map(({ address }) => address));
  });
  const found = await within(timeoutMs, promise);
  return found === TOO_LATE ? [] : found;
}
