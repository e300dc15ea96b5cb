/** `diskd doctor`: explains why hosts do not see each other. */
import { TRUST_EVERYBODY } from "../codec/trust.ts";
import { ConfigError } from "../config/config_error.ts";
import { loadConfig } from "../config/load_config.ts";
import type { Environment } from "../config/paths.ts";
import type { Config, ConfigFlags } from "../config/settings.ts";
import type { DoctorRow, DoctorView } from "../control/views.ts";
import { askLan } from "../daemon/ask_lan.ts";
import { checkKeyFiles, daemonUser, loadTrust } from "../daemon/keys.ts";
import { ownHostKey } from "../daemon/own_key.ts";
import { createScanner } from "../probe/scan.ts";
import { WRITABLE } from "../system/reason.ts";
import type { System } from "../system/system.ts";
import { pause } from "../system/within.ts";
import {
  checkConfiguration,
  checkDaemon,
  checkHistory,
  judgeKeyFiles,
} from "./daemon.ts";
import { type Check, type DaemonAnswer, type Given, printed } from "./given.ts";
import {
  checkClock,
  checkPermissions,
  checkPrograms,
  checkUdev,
} from "./host.ts";
import { checkHosts, checkSwitch } from "./hosts.ts";
import { checkHub } from "./hub.ts";
import { checkPeers } from "./peers.ts";
import {
  checkEcho,
  checkFirewall,
  checkInterfaces,
  checkPort,
  checkRoute,
} from "./network.ts";

/** In the order in which they are shown: whatever a later one needs comes before it. */
const CHECKS: Readonly<Record<DoctorRow["check"], Check>> = {
  programs: checkPrograms,
  udev: checkUdev,
  permissions: checkPermissions,
  clock: checkClock,
  configuration: checkConfiguration,
  keys: judgeKeyFiles,
  daemon: checkDaemon,
  history: checkHistory,
  interface: checkInterfaces,
  route: checkRoute,
  port: checkPort,
  echo: checkEcho,
  firewall: checkFirewall,
  switch: checkSwitch,
  hosts: checkHosts,
  peers: checkPeers,
  hub: checkHub,
};

interface DoctorOptions {
  readonly system: System;
  readonly env: Environment;
  readonly uid: number | null;
  readonly flags: ConfigFlags;
  readonly readText: (path: string) => string | null;
  /** Asks the daemon of this host. Never rejects. */
  readonly askDaemon: () => Promise<DaemonAnswer>;
}

/** Looks at everything. */
export async function examine(options: DoctorOptions): Promise<DoctorView> {
  return await diagnose(await gather(options));
}

/** Runs all checks. */
export async function diagnose(given: Given): Promise<DoctorView> {
  const found = await Promise.all(
    Object.entries(CHECKS).map(async ([check, run]) =>
      (await run(given)).map((one) => ({ check, ...one }) as DoctorRow)
    ),
  );
  const findings = withoutRepeats(found.flat());
  return { ok: findings.every(({ result }) => result !== "fault"), findings };
}

/** The daemon reports with the same words what a check found too; the check has the remedy. */
function withoutRepeats(findings: readonly DoctorRow[]): DoctorRow[] {
  const said = new Set(
    findings.filter(({ check }) => check !== "daemon").map(({ text }) => text),
  );
  return findings.filter(({ check, text }) =>
    check !== "daemon" || !said.has(text)
  );
}

/** The kernel has joined by then, and the listening goes on. */
const JOINED_AFTER_MS = 500;

async function gather(options: DoctorOptions): Promise<Given> {
  const { system, uid } = options;
  const { config, configError } = readConfig(options);
  const reader = { uid: daemonUser(config, uid) };
  const keyFiles = await checkKeyFiles(config, reader);
  const trust = keyFiles.every(({ problem }) => problem === null)
    ? await loadTrust(config, reader)
    : TRUST_EVERYBODY;
  const [lan, daemon, { problems: scanProblems }, memberships] = await Promise
    .all([
      askLan(config, { system, trust, key: ownHostKey(config, options) }),
      options.askDaemon(),
      createScanner(system).scan(),
      pause(JOINED_AFTER_MS).then(() =>
        printed({ system }, "ip", ["-j", "maddr", "show"])
      ),
    ]);
  return {
    ...options,
    config,
    configError,
    keyFiles,
    lan,
    daemon,
    scanProblems,
    memberships,
  };
}

function readConfig(
  { env, uid, flags, readText }: DoctorOptions,
): { readonly config: Config; readonly configError: ConfigError | null } {
  try {
    const config = loadConfig({
      flags,
      env,
      uid,
      readText,
      writable: WRITABLE,
    });
    return { config, configError: null };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const config = loadConfig({
      flags: {},
      env: { HOME: env["HOME"] || "/nonexistent" },
      uid,
      readText: () => null,
    });
    return { config, configError: error };
  }
}
