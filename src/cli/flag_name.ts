/** A flag as it is typed: `--no-color` for `noColor`. */
export function flagName(name: string): string {
  return `--${name.replace(/[A-Z]/g, "-$&").toLowerCase()}`;
}
