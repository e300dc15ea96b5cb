import type { DiskRow } from "../control/views.ts";
import { matchesGlob } from "../text/glob.ts";
import { printable, printableJson } from "../text/printable.ts";
import { Refusal } from "./refusal.ts";

type Named = Pick<DiskRow, "uuid" | "label">;

/** Whether `mount.allow` names a disk: by its label as it is written, or by its UUID, either case. */
export function isAllowed(
  { uuid, label }: Named,
  allow: readonly string[],
): boolean {
  const id = uuid?.toLowerCase() ?? null;
  return allow.some((glob) =>
    (label !== null && matchesGlob(label, glob)) ||
    (id !== null && matchesGlob(id, glob.toLowerCase()))
  );
}

/**
 * Whether a caller from outside may have a disk mounted here.
 * @throws {Refusal} `refused`, with the line to add to the configuration of this host
 */
export function checkAllowed(
  row: Named & Pick<DiskRow, "host">,
  allow: readonly string[],
): void {
  if (isAllowed(row, allow)) return;
  const host = printable(row.host);
  const disk = printable(row.label || row.uuid || "this disk");
  throw new Refusal("refused", {
    message: `${host} lets nobody mount ${disk} from outside: ` +
      "mount.allow of its configuration does not name it",
    hints: [
      `To allow it, in the configuration of diskd on ${host}:`,
      lineToAdd(row.uuid ?? "", allow),
    ],
  });
}

/** The UUID, since anybody can give a disk the same label. As JSON, which YAML takes whatever is in it. */
function lineToAdd(uuid: string, allow: readonly string[]): string {
  const globs = [...allow, uuid]
    .map((glob) => printableJson(JSON.stringify(glob)));
  return `mount: {allow: [${globs.join(", ")}]}`;
}
