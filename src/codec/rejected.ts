import type { Rejected, RejectReason } from "./announcement.ts";

/** A rejection of each kind, made once: a flood of bad datagrams allocates nothing for them. */
export const REJECTED: Readonly<Record<RejectReason, Rejected>> = {
  "not-diskd": { format: "rejected", reason: "not-diskd" },
  "too-long": { format: "rejected", reason: "too-long" },
  "not-utf8": { format: "rejected", reason: "not-utf8" },
  "bad-header": { format: "rejected", reason: "bad-header" },
  "bad-version": { format: "rejected", reason: "bad-version" },
  "bad-body": { format: "rejected", reason: "bad-body" },
  "bad-list": { format: "rejected", reason: "bad-list" },
  "unsigned": { format: "rejected", reason: "unsigned" },
  "unknown-key": { format: "rejected", reason: "unknown-key" },
  "bad-signature": { format: "rejected", reason: "bad-signature" },
};
