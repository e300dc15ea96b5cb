import { TOO_LATE, within } from "./within.ts";

/** Whether a host accepts connections; see `System.accepts`. Needs `--allow-net`. */
export async function accepts(
  { address, port }: { readonly address: string; readonly port: number },
  timeoutMs: number,
): Promise<boolean> {
  const trying = new AbortController();
  const { signal } = trying;
  const connected = Deno.connect({ hostname: address, port, signal }).then(
    (connection) => {
      connection.close();
      return true;
    },
    () => false,
  );
  const answer = await within(timeoutMs, connected);
  trying.abort();
  return answer !== TOO_LATE && answer;
}
