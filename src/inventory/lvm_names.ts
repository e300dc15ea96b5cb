/**
 * Names of LVM's devices: `VG-VOLUME[-LAYER]`, in which a hyphen of a name is
 * doubled. @see build_dm_name() of LVM2
 */

/** Volume group, volume and, of an inner device, layer. */
export function splitLvmName(mapped: string): string[] {
  return mapped.split(/(?<!-)-(?!-)/).map((name) => name.replaceAll("--", "-"));
}

export function joinLvmName(...names: readonly string[]): string {
  return names.map((name) => name.replaceAll("-", "--")).join("-");
}
