import type { DiskRow, DriveView, LayerView } from "../control/views.ts";
import type { Disk } from "../inventory/disk.ts";
import { Layers } from "../inventory/layers.ts";

const ALONE = new Layers<Disk>([]);

/** What a disk lies on; without the layers of its host, it counts as a drive. */
export function layerViews(
  disk: Disk,
  layers: Layers<Disk> = ALONE,
): Pick<DiskRow, "drives" | "layers"> {
  return {
    drives: layers.drives(disk).map(driveView),
    layers: layers.below(disk).map(layerView),
  };
}

function driveView(
  { device, model, serial, wwn, tran, size, port, slot, health }: Disk,
): DriveView {
  return { device, model, serial, wwn, tran, size, port, slot, health };
}

function layerView({ device, kind, type }: Disk): LayerView {
  return { device, kind, type };
}
