import { denoFolders } from "./folders.ts";
import { followProgram } from "./follow_program.ts";
import { runProgram } from "./run_program.ts";
import type { InterfaceAddress, PrivateFile, System } from "./system.ts";

/**
 * The machine this process runs on.
 *
 * Needs `--allow-run` for the programs (by name and by their places, see
 * `PROGRAM_PLACES`), `--allow-read` for the files, and
 * `--allow-sys=hostname,networkInterfaces,osUptime`. A forbidden file or program is
 * reported as missing.
 */
export function denoSystem(): System {
  return {
    run: runProgram,
    // The daemon does not need these three, and should start quickly.
    attend: async (...given) =>
      (await import("./attend_program.ts")).attendProgram(...given),
    handOver: async (...given) =>
      (await import("./attend_program.ts")).handOver(...given),
    hold: async (...given) =>
      (await import("./hold_program.ts")).holdProgram(...given),
    follow: followProgram,
    folders: denoFolders(),
    privateFile,
    exists,
    readText,
    now: () => performance.now(),
    wallClock: () => Date.now(),
    uptime: () => Deno.osUptime() * 1_000,
    random: () => Math.random(),
    hostname: () => Deno.hostname(),
    lookUp: async (...given) => (await import("./look_up.ts")).lookUp(...given),
    accepts: async (...given) =>
      (await import("./accepts.ts")).accepts(...given),
    interfaces: () => multicastAddresses(Deno.networkInterfaces()),
  };
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

function readText(path: string): string | null {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return null;
  }
}

type FoundAddress = Pick<
  Deno.NetworkInterfaceInfo,
  "name" | "family" | "address" | "netmask" | "scopeid"
>;

/** The addresses in the result of `Deno.networkInterfaces`; see `System.interfaces`. */
export function multicastAddresses(
  found: readonly FoundAddress[],
): InterfaceAddress[] {
  const ipv4 = found.filter(({ family }) => family === "IPv4");
  const ipv6 = found.filter(({ family }) => family === "IPv6");
  return [
    ...ipv4.map(({ name, address, netmask }) => ({
      name,
      address,
      prefixLength: countBits(netmask),
    })),
    ...ipv6.flatMap(({ name, address, scopeid: scopeId }) =>
      // Only that of a link-local address is not 0.
      scopeId
        ? [{
          name,
          address: `${address}%${name}`,
          prefixLength: LINK_LOCAL_BITS,
          scopeId,
        }]
        : []
    ),
  ];
}

/** RFC 4291, 2.5.6. */
const LINK_LOCAL_BITS = 64;

/** 24 for 255.255.255.0. */
function countBits(netmask: string): number {
  return netmask.split(".")
    .map((byte) => Number(byte).toString(2).replaceAll("0", "").length)
    .reduce((sum, bits) => sum + bits, 0);
}

/**
 * Creates a file with an unpredictable name; see `System.privateFile`. Needs
 * `--allow-read` and `--allow-write` for the folder.
 */
function privateFile(text: string, folder: string): PrivateFile {
  const name = crypto.getRandomValues(new Uint8Array(8)).toHex();
  const path = `${folder}/diskd-${name}`;
  // At once: in the folder of another user a link could take its place.
  Deno.writeTextFileSync(path, text, { createNew: true, mode: 0o600 });
  return {
    path,
    remove() {
      try {
        Deno.removeSync(path);
      } catch {
        // Something else removed it first.
      }
    },
  };
}
