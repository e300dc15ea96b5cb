import { TRUST_EVERYBODY } from "../../../src/codec/trust.ts";
import { loadConfig } from "../../../src/config/load_config.ts";
import type { ConfigFlags } from "../../../src/config/settings.ts";
import { composeDaemon } from "../../../src/daemon/compose.ts";
import { Log } from "../../../src/daemon/log.ts";
import { denoSystem } from "../../../src/system/deno_system.ts";
import type { System } from "../../../src/system/system.ts";
import { freePort } from "../../support/loopback.ts";

const NO_CONFIG = { file: null, changed: [], restart: [], problem: null };

/** A daemon that was composed, with a directory of its own for all that it writes. */
export async function composed(
  flags: ConfigFlags,
  /** In place of the real system. */
  changed: Partial<System>,
) {
  const directory = Deno.makeTempDirSync({ prefix: "diskd-compose-" });
  const config = loadConfig({
    flags: {
      socket: `${directory}/run/control.sock`,
      stateDir: `${directory}/state`,
      port: `${freePort()}`,
      ...flags,
    },
    env: {},
    readText: () => null,
    uid: null,
  });
  const lines: string[] = [];
  const log = new Log({ level: "info", format: "text" }, {
    write: (line) => lines.push(line),
    timeOfDay: () => new Date(0),
  });
  const compose = () =>
    composeDaemon({
      config,
      trust: TRUST_EVERYBODY,
      log,
      system: { ...denoSystem(), ...changed },
      uid: Deno.uid(),
      defaultSocket: null,
      running: {
        view: () => Promise.resolve(NO_CONFIG),
        reload: () => Promise.resolve(NO_CONFIG),
      },
      onReady: () => log.info("ready"),
    });
  return {
    directory,
    config,
    /** What it logs. */
    lines,
    /** One more of the same. */
    compose,
    daemon: await compose(),
    [Symbol.dispose]: () => Deno.removeSync(directory, { recursive: true }),
  };
}
