import type { MountRequest } from "./mount_plan.ts";
import { isReadOnly, type MountPoint } from "./mount_points.ts";
import type { MountView } from "./views.ts";

/** What there is to say of a disk of this host that is mounted. */
export function mountView(
  place: MountPoint,
  { request, wasMounted }: {
    readonly request: MountRequest;
    readonly wasMounted: boolean;
  },
): MountView {
  const { row, at } = request;
  return {
    host: row.host,
    hostId: row.hostId,
    device: row.device,
    uuid: row.uuid!,
    label: row.label,
    type: row.type,
    path: place.target,
    at: at === null ? null : place.target,
    readOnly: isReadOnly(place),
    wasMounted,
  };
}
