const UNITS = ["B", "K", "M", "G", "T", "P", "E"];

/** A size as lsblk writes it: powers of 1024, one decimal where there is one, `3.6T`, `512M`. */
export function formatSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (roundToTenth(value) >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${roundToTenth(value)}${UNITS[unit]}`;
}

function roundToTenth(value: number): number {
  return Math.round(value * 10) / 10;
}
