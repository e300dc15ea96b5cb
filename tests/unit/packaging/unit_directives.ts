import { unitText } from "../../support/systemd_unit.ts";

/** The values of a directive in a unit that we deliver, each time it is set. */
export function directive(unit: string, name: string): string[] {
  return unitText(unit).split("\n")
    .filter((line) => line.startsWith(`${name}=`))
    .map((line) => line.slice(name.length + 1));
}
