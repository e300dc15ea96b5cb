import type { ConfigProblem } from "./config_error.ts";
import { describeValue } from "./describe_value.ts";
import type { RawValue } from "./name_entries.ts";
import { SETTINGS } from "./settings.ts";

/** Problem: a value its setting does not allow. */
export function wrongValue(
  { name, key, value, place }: RawValue,
): ConfigProblem {
  const found = describeValue(value);
  const message = `${key} is ${found}, expected ${SETTINGS[name].expected}`;
  return { place, key, message };
}
