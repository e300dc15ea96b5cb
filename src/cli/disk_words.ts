import type { Words } from "./build_command.ts";

/** Labels and UUIDs that the daemon knows. */
export const proposeKnown: Words["propose"] = async function () {
  return (await import("./known_names.ts")).knownNames(this);
};

/** Any name of a disk. */
export const DISK_NAME: Words = {
  placeholder: "name",
  brief:
    "Label, UUID or its beginning, PARTUUID, PARTLABEL, serial, WWN or device",
  minimum: 1,
  propose: proposeKnown,
};
