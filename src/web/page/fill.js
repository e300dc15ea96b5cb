/** How full a drive is of volumes. */
import { holdsAnother } from "./words.js";

/** @typedef {Pick<import("../../control/views.ts").DiskRow, "device" | "label" | "uuid" | "type" | "size" | "mounts" | "inUse" | "alias" | "note" | "tags">} Volume */
/** @typedef {import("../../control/views.ts").DiskRow & { volumes: readonly Volume[] }} DriveRow */
/** @typedef {{ volume: Volume, start: number, width: number }} Segment in parts of the drive */

/**
 * The volumes of a drive without those that others of them lie on; a drive
 * with a filesystem of its own is a volume itself.
 * @param {DriveRow} drive
 * @returns {readonly Volume[]}
 */
export function topVolumes(drive) {
  const { volumes } = drive;
  if (volumes.length === 0) {
    return drive.type === null && drive.label === null ? [] : [drive];
  }
  const top = volumes.filter((volume) => !isOpened(volume));
  return top.length > 0 ? top : volumes;
}

/** @param {Volume} volume */
function isOpened(volume) {
  return holdsAnother(volume) && volume.inUse === true &&
    volume.mounts.length === 0;
}

/** A volume smaller than this part of its drive is drawn as large. */
const MIN_WIDTH = 0.012;

/**
 * Where volumes are drawn on the bar of their drive. A volume that lies on
 * several drives ends where this one does.
 * @param {DriveRow} drive
 * @returns {Segment[]}
 */
export function segmentsOf(drive) {
  const size = drive.size ?? 0;
  if (size <= 0) return [];
  let start = 0;
  return topVolumes(drive).flatMap((volume) => {
    const part = Math.max((volume.size ?? 0) / size, MIN_WIDTH);
    const width = Math.min(part, 1 - start);
    if (width <= 0) return [];
    const segment = { volume, start, width };
    start += width;
    return [segment];
  });
}
