import type { Disk } from "./disk.ts";
import { splitLvmName } from "./lvm_names.ts";

/** Names of a disk that people type, for completion. */
export function* typedNames(
  { label, uuid, serial, partlabel, vg, type, device }: Pick<
    Disk,
    "label" | "uuid" | "serial" | "partlabel" | "vg" | "type" | "device"
  >,
): Generator<string> {
  for (const name of [label, uuid, serial, partlabel, vg]) {
    if (name !== null) yield name;
  }
  if (type === "linux_raid_member" && label?.includes(":")) {
    yield label.slice(label.indexOf(":") + 1);
  }
  const mapped = /^\/dev\/mapper\/(.+)$/.exec(device)?.[1];
  if (mapped === undefined) return;
  yield vg === null ? mapped : splitLvmName(mapped).join("/");
}
