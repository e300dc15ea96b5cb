/**
 * Captures what lsblk, findmnt and blkid print on this host as a fixture for the
 * tests:
 *
 *     sudo deno run --allow-run=lsblk,findmnt,blkid --allow-read --allow-write tests/support/capture_host.ts NAME
 *
 * It writes `tests/fixtures/hosts/NAME/`: `lsblk.json`, `findmnt.json`,
 * `blkid/DEVICE.txt` for each device on which blkid found something, and
 * `expected.json`, the disks that diskd makes of it today. Look through `expected.json` and mend what is wrong
 * in it: a test compares it from then on. Serial numbers and WWNs are replaced
 * by others of the same form; labels, UUIDs and mount points are not, so look
 * through them too before you share the capture.
 */
import {
  isUnknownColumn,
  LSBLK_COLUMNS,
  lsblkArgs,
} from "../../src/probe/list_devices.ts";
import { findmntArgs } from "../../src/probe/mounts.ts";
import { parseLsblk } from "../../src/probe/parse_lsblk.ts";
import { blkidArgs } from "../../src/probe/read_signature.ts";
import { createScanner } from "../../src/probe/scan.ts";
import { denoSystem } from "../../src/system/deno_system.ts";
import type { RunOutcome, System } from "../../src/system/system.ts";
import {
  blkidFile,
  type Capture,
  capturedSystem,
  HOSTS,
} from "./captured_host.ts";

const TIMEOUT_MS = 60_000;

/** Runs lsblk, findmnt and blkid, and scrubs what they print. */
export async function captureHost(system: System): Promise<Capture> {
  const lsblk = await runLsblk(system);
  const files = new Map([["lsblk.json", scrubSerials(lsblk, system.random)]]);
  const findmnt = await system.run("findmnt", findmntArgs(), {
    timeoutMs: TIMEOUT_MS,
  });
  files.set("findmnt.json", outputOf("findmnt", findmnt, [0]));
  for (const { path } of parseLsblk(lsblk)) {
    const outcome = await system.run("blkid", blkidArgs(path), {
      timeoutMs: TIMEOUT_MS,
    });
    const stdout = outputOf(`blkid on ${path}`, outcome, [0, 2, 8]);
    if (stdout.length > 0) files.set(blkidFile(path), stdout);
  }
  return files;
}

/** Replaces each serial number and WWN by another one of the same form, the same everywhere. */
export function scrubSerials(
  lsblk: Uint8Array,
  random: () => number,
): Uint8Array {
  const disguises = new Map<string, string>();
  const scrubbed = new TextDecoder().decode(lsblk).replace(
    /("(?:serial|wwn)":\s*")((?:0x|eui\.|naa\.|uuid\.)?)([^"]*)/g,
    (_, before: string, prefix: string, secret: string) => {
      const disguise = disguises.get(secret) ?? disguised(secret, random);
      disguises.set(secret, disguise);
      return before + prefix + disguise;
    },
  );
  return new TextEncoder().encode(scrubbed);
}

/** Hexadecimal digits stay such, so that a number in hexadecimal stays one. */
function disguised(secret: string, random: () => number): string {
  const alphabets = [
    "0123456789",
    "abcdef",
    "ABCDEF",
    "ghkmpqrtwx",
    "GHKMPQRTWX",
  ];
  return secret.replace(/[a-z0-9]/gi, (character) => {
    const alphabet = /[g-z]/.test(character)
      ? alphabets[3]!
      : /[G-Z]/.test(character)
      ? alphabets[4]!
      : alphabets.find((one) => one.includes(character))!;
    return alphabet[Math.floor(random() * alphabet.length)]!;
  });
}

async function runLsblk(system: System): Promise<Uint8Array> {
  for (const columns of LSBLK_COLUMNS) {
    const outcome = await system.run("lsblk", lsblkArgs(columns), {
      timeoutMs: TIMEOUT_MS,
    });
    if (!isUnknownColumn(outcome)) return outputOf("lsblk", outcome, [0]);
  }
  throw new Error("lsblk is older than util-linux 2.27, which diskd needs.");
}

function outputOf(
  what: string,
  outcome: RunOutcome,
  goodCodes: readonly number[],
): Uint8Array {
  if (
    outcome.kind === "exited" && goodCodes.includes(outcome.code) &&
    !outcome.stderr.includes("denied")
  ) return outcome.stdout;
  throw new Error(
    `${what} did not work, so nothing was captured: ${
      outcome.kind === "exited" ? outcome.stderr : outcome.kind
    }. Run this as root, with util-linux installed.`,
  );
}

async function write(name: string, capture: Capture): Promise<void> {
  const folder = new URL(`${name}/`, HOSTS);
  await Deno.mkdir(new URL("blkid/", folder), { recursive: true });
  for (const [path, bytes] of capture) {
    await Deno.writeFile(new URL(path, folder), bytes);
  }
  const { disks } = await createScanner(capturedSystem(capture)).scan();
  await Deno.writeTextFile(
    new URL("expected.json", folder),
    `${JSON.stringify(disks, null, 2)}\n`,
  );
}

if (import.meta.main) {
  const [name] = Deno.args;
  if (name === undefined || !/^[a-z0-9][a-z0-9.-]*$/.test(name)) {
    console.error(
      `Name the host: found ${
        JSON.stringify(name ?? "")
      }, expected lower-case letters, digits, dots and dashes, "nvme-laptop".`,
    );
    Deno.exitCode = 2;
  } else {
    await write(name, await captureHost(denoSystem()));
  }
}
