import type { Config, ConfigFlags } from "../config/settings.ts";
import type { ConfigError } from "../config/config_error.ts";
import type { Environment } from "../config/paths.ts";
import type { DoctorRow, HostRow, StatusView } from "../control/views.ts";
import type { LanAnswer } from "../daemon/ask_lan.ts";
import type { CheckedKeyFile } from "../daemon/keys.ts";
import type { System } from "../system/system.ts";

/** What the daemon of this host says, or why it says nothing. */
export type DaemonAnswer =
  | {
    readonly kind: "answers";
    readonly status: StatusView;
    readonly hosts: readonly HostRow[];
  }
  /** Its answers may lack what this version expects. */
  | { readonly kind: "other-version"; readonly version: string }
  | {
    /** `none`: no daemon runs. `denied`: this user may not ask it. */
    readonly kind: "none" | "denied" | "failed";
    readonly message: string;
  };

/** All that the checks look at, besides the programs that they run. */
export interface Given {
  readonly system: Pick<
    System,
    | "run"
    | "follow"
    | "exists"
    | "privateFile"
    | "folders"
    | "interfaces"
    | "now"
    | "wallClock"
  >;
  readonly uid: number | null;
  readonly env: Environment;
  readonly flags: ConfigFlags;
  readonly readText: (path: string) => string | null;
  /** The defaults, if it is invalid. */
  readonly config: Config;
  readonly configError: ConfigError | null;
  readonly keyFiles: readonly CheckedKeyFile[];
  readonly daemon: DaemonAnswer;
  readonly lan: LanAnswer;
  /** Output of `ip maddr` while this host listened; `null` if it could not run. */
  readonly memberships: string | null;
  /** Problems of a scan of this host by this user. */
  readonly scanProblems: readonly string[];
}

/** What a check found, without its name. */
export type Finding = Omit<DoctorRow, "check">;

export type Check = (
  given: Given,
) => readonly Finding[] | Promise<readonly Finding[]>;

export function ok(text: string): Finding {
  return { result: "ok", text, remedies: [] };
}

export function warning(
  text: string,
  remedies: readonly string[] = [],
): Finding {
  return { result: "warning", text, remedies };
}

export function fault(text: string, remedies: readonly string[] = []): Finding {
  return { result: "fault", text, remedies };
}

const TIMEOUT_MS = 5_000;

/** What a program prints; `null` if it is missing, fails, or takes too long. */
export async function printed(
  { system }: Pick<Given, "system">,
  program: string,
  args: readonly string[],
): Promise<string | null> {
  const outcome = await system.run(program, args, { timeoutMs: TIMEOUT_MS });
  if (outcome.kind !== "exited" || outcome.code !== 0) return null;
  return new TextDecoder().decode(outcome.stdout);
}

/** The objects in a JSON list; none if it is something else. */
export function recordsIn(text: string | null): Record<string, unknown>[] {
  try {
    const list: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(list) ? list : [];
  } catch {
    return [];
  }
}
