import type {
  RemarkedDisk,
  RemarkView,
  SaidOfDisk,
} from "../control/remarked.ts";
import type { Disk } from "../inventory/disk.ts";
import {
  type Remark,
  splitSubject,
  subjectOf,
  tagIn,
} from "../inventory/remark.ts";
import type { Remarks } from "../inventory/remarks.ts";

/** What somebody said of a disk, for an answer. */
export function saidOf(
  disk: Pick<Disk, "uuid" | "partuuid" | "kind" | "wwn" | "serial">,
  remarks: Remarks,
): SaidOfDisk {
  return remarks.size === 0 ? NOTHING : saidOfSubject(subjectOf(disk), remarks);
}

/** The same of a disk that perhaps no host has. */
export function remarkedDisk(subject: string, remarks: Remarks): RemarkedDisk {
  const [field, identifier] = splitSubject(subject);
  return {
    label: remarks.on(subject).label?.value ?? null,
    uuid: null,
    serial: null,
    wwn: null,
    [field]: identifier,
    ...saidOfSubject(subject, remarks),
  };
}

function saidOfSubject(subject: string | null, remarks: Remarks): SaidOfDisk {
  const { name, note, tags } = remarks.on(subject);
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
