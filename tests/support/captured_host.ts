import type { System } from "../../src/system/system.ts";
import { exited, scriptedSystem } from "./scripted_system.ts";

/**
 * What lsblk, findmnt and blkid printed on one host, by name of the file in
 * `tests/fixtures/hosts/NAME/`: `lsblk.json`, `findmnt.json` where there was a
 * findmnt, and `blkid/sda1.txt` for each device on which blkid found something.
 */
export type Capture = ReadonlyMap<string, Uint8Array>;

/** Folder of the captured hosts. */
export const HOSTS = new URL("../fixtures/hosts/", import.meta.url);

/** Reads the capture of the host of this name. */
export function readCapture(name: string): Capture {
  const folder = new URL(`${name}/`, HOSTS);
  const files = (path: string) =>
    [...Deno.readDirSync(new URL(path, folder))]
      .filter(({ isFile }) => isFile)
      .map(({ name }) => `${path}${name}`);
  const paths = [...files("./"), ...files("blkid/")]
    .map((path) => path.replace("./", ""))
    .filter((path) => path !== "expected.json");
  return new Map(
    paths.map((path) => [path, Deno.readFileSync(new URL(path, folder))]),
  );
}

/** Where blkid's output on a device is kept: `/` cannot be in the name of a file. */
export function blkidFile(device: string): string {
  return `blkid/${device.replace("/dev/", "").replaceAll("/", "!")}.txt`;
}

/** A system whose lsblk, findmnt and blkid print what was captured. */
export function capturedSystem(capture: Capture): System {
  const lsblk = capture.get("lsblk.json") ?? new Uint8Array();
  const hasColumn = (column: string) =>
    new TextDecoder().decode(lsblk).includes(`"${column.toLowerCase()}"`);
  return scriptedSystem(({ program, args, options }) => {
    const last = args.at(-1) ?? "";
    if (program === "lsblk") {
      const unknown = last.split(",").find((column) => !hasColumn(column));
      return unknown === undefined ? exited({ stdout: lsblk }) : exited({
        code: 1,
        stderr: `lsblk: unknown column: ${unknown}\n`,
      });
    }
    if (program === "findmnt") {
      const stdout = capture.get("findmnt.json");
      return stdout ? exited({ stdout }) : { kind: "missing" };
    }
    const stdout = capture.get(blkidFile(last));
    if (stdout === undefined) {
      const isDebugging = options.env?.["LIBBLKID_DEBUG"] !== undefined;
      return exited({ code: 2, stderr: isDebugging ? BLANK_DEVICE : "" });
    }
    return exited({ stdout, code: isAmbivalent(stdout) ? 8 : 0 });
  });
}

/** A part of blkid's debug messages on a device without a signature. */
const BLANK_DEVICE = "8432: libblkid: LOWPROBE: [0] linux_raid_member:\n";

function isAmbivalent(stdout: Uint8Array): boolean {
  return new TextDecoder().decode(stdout).includes("ID_FS_AMBIVALENT=");
}
