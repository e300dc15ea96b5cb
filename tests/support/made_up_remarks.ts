import { signRemark } from "../../src/codec/remark_signature.ts";
import { EARLIEST_MS, NOTE, type Remark } from "../../src/inventory/remark.ts";
import { hostKey } from "./host_keys.ts";

/** A remark on a disk, of a host with a key that only tests accept. */
export function madeUpRemark(
  by: string,
  { subject = "uuid 1", field = NOTE, value = "drawer 3", at = EARLIEST_MS }:
    Partial<Pick<Remark, "subject" | "field" | "value" | "at">> = {},
): Remark {
  const host = by.replace(/^id-/, "");
  return signRemark({ subject, field, value, at, host }, hostKey(by));
}
