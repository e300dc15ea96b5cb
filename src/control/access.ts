import { type RpcError, wrongSocket } from "./jsonrpc.ts";
import type { MethodName } from "./views.ts";
import { isReading } from "./parameters.ts";

/** What may be asked on a socket. */
export type Access =
  /** Everything: it is its owner's. */
  | { readonly kind: "all" }
  /** What changes nothing, neither here nor on other hosts. */
  | {
    readonly kind: "read";
    /** Path of the socket that everything may be asked on. */
    readonly elsewhere: string;
  };

export const ALL: Access = { kind: "all" };

/** Why a method is not answered on such a socket; `null`: it is. */
export function refusal(
  access: Access,
  method: MethodName | "watch",
): RpcError | null {
  if (access.kind === "all" || isReading(method)) return null;
  return wrongSocket(method, access.elsewhere);
}
