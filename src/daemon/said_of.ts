import type {
  RemarkedDisk,
  RemarkView,
  SaidOfDisk,
} from "../control/remarked.ts";
import type { Disk } from "../inventory/disk.ts";
import { type Remark, splitSubject, tagIn } from "../inventory/remark.ts";
import type { Remarks } from "../inventory/remarks.ts";

/** What somebody said of a disk, for an answer. */
export function saidOf(
  disk: Pick<Disk, "uuid" | "partuuid" | "kind" | "wwn" | "serial">,
  remarks: Remarks,
): SaidOfDisk {
  return viewOf(remarks.onDisk(disk));
}

/** The same of a disk that perhaps no host has. */
export function remarkedDisk(subject: string, remarks: Remarks): RemarkedDisk {
  const [field, identifier] = splitSubject(subject);
  return {
    label: remarks.on(subject).label?.value ?? null,
    uuid: null,
    partuuid: null,
    serial: null,
    wwn: null,
    [field]: identifier,
    ...viewOf(remarks.on(subject)),
  };
}

function viewOf(
  { name, note, tags }: ReturnType<Remarks["on"]>,
): SaidOfDisk {
  const said = [name, note, ...tags].filter((remark) => remark !== null);
  if (said.length === 0) return NOTHING;
  return {
    alias: name?.value ?? null,
    note: note?.value ?? null,
    tags: tags.map(({ field }) => tagIn(field)!),
    remarks: said.map(remarkView),
  };
}

const NOTHING: SaidOfDisk = { alias: null, note: null, tags: [], remarks: [] };

function remarkView({ field, value, at, host, by }: Remark): RemarkView {
  return {
    field,
    value: value!,
    at: new Date(at).toISOString(),
    host,
    hostId: by,
  };
}
