import { TRUST_EVERYBODY } from "../codec/trust.ts";
import type { Config } from "../config/settings.ts";
import type { DiskRow } from "../control/views.ts";
import { renderDisks } from "../render/disks.ts";
import { printable } from "../text/printable.ts";
import { command, type Options } from "./command.ts";
import type { Context } from "./context.ts";
import { LAN_FLAGS } from "./daemon.ts";
import { EXIT } from "../system/exit_code.ts";
import { checkKeys } from "./key.ts";
import { note, show } from "./show.ts";

/** Result of a scan without a daemon. */
interface Found {
  readonly rows: readonly DiskRow[];
  /** What it could not see, and why, a line each. */
  readonly problems: readonly string[];
}

/** `diskd scan`: scans, asks the LAN, waits a second, and prints the disks, without a daemon. */
export const scan = command("scan", { flags: LAN_FLAGS, run });

async function run(
  options: Options<typeof LAN_FLAGS>,
  context: Context,
): Promise<number> {
  const { loadConfig } = await import("../config/load_config.ts");
  const config = loadConfig({
    flags: options,
    env: context.env,
    uid: context.uid,
    readText: context.readText,
  });
  const { scanLan } = await import("../daemon/scan_lan.ts");
  const { denoSystem } = await import("../system/deno_system.ts");
  const { trust, problems } = await readKeys(config, context.uid);
  const { ownHostKey } = await import("../daemon/own_key.ts");
  const found = await scanLan(config, {
    system: denoSystem(),
    trust,
    key: ownHostKey(config, context),
  });
  showFound({ ...found, problems: [...problems, ...found.problems] }, {
    options,
    context,
  });
  return found.asked ? EXIT.ok : EXIT.problems;
}

/**
 * The keys to sign the question with. Without permission to read them, the
 * question is unsigned, and a note says so.
 * @throws {ConfigError} if the daemon would not start with a key file
 */
async function readKeys(config: Config, uid: number | null) {
  const checked = await checkKeys(config, uid);
  const denied = checked.find(({ isDenied }) => isDenied);
  if (denied !== undefined) {
    return { trust: TRUST_EVERYBODY, problems: [withoutKeys(denied.path)] };
  }
  const { daemonUser, loadTrust } = await import("../daemon/keys.ts");
  const trust = await loadTrust(config, { uid: daemonUser(config, uid) });
  return { trust, problems: [] };
}

function withoutKeys(path: string): string {
  return `This user may not read the key in ${path}: hosts with keys do not ` +
    "answer, and the list is unproven; run it as root to use the key";
}

/** Prints the result of a scan: disks on standard output, problems on standard error. */
export function showFound(
  { rows, problems }: Found,
  { options, context }: {
    readonly options: Options;
    readonly context: Context;
  },
): void {
  show(rows, { options, context, render: renderDisks });
  if (rows.length === 0) note("No disk was found on any host.", context);
  for (const problem of problems) note(printable(problem), context);
}
