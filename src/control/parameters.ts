import type { JsonObject } from "../text/json_object.ts";
import {
  INVALID_PARAMS,
  jsonTypeOf,
  METHOD_NOT_FOUND,
  RpcError,
} from "./jsonrpc.ts";
import { MAX_HISTORY_ROWS } from "./limits.ts";
import type { OverdueParams } from "./notify_views.ts";
import type {
  ExportParams,
  FindParams,
  ForgetParams,
  HistoryParams,
  ImportParams,
  ListParams,
  MethodName,
  Methods,
  RemarkParams,
} from "./views.ts";

/** Longest name of a disk, in bytes of UTF-8. */
export const MAX_NAME_BYTES = 1024;

interface Method<M extends MethodName> {
  readonly check: (params: JsonObject) => Methods[M]["params"];
  /** Whether it changes nothing, on this host or others, and is allowed on the read-only socket. */
  readonly reads: boolean;
}

const METHODS: { readonly [M in MethodName]: Method<M> } = {
  list: { check: listParams, reads: true },
  where: { check: whereParams, reads: true },
  find: { check: findParams, reads: true },
  hosts: { check: none, reads: true },
  localhost: { check: none, reads: true },
  status: { check: none, reads: true },
  reload: { check: none, reads: false },
  refresh: { check: none, reads: false },
  announce: { check: none, reads: false },
  ping: { check: none, reads: false },
  history: { check: historyParams, reads: true },
  export: { check: exportParams, reads: true },
  import: { check: importParams, reads: false },
  duplicates: { check: none, reads: true },
  forget: { check: forgetParams, reads: false },
  remark: { check: remarkParams, reads: false },
  remarks: { check: none, reads: true },
  overdue: { check: overdueParams, reads: true },
  notify: { check: none, reads: false },
  names: { check: none, reads: true },
};

/** All methods except `watch`, which has no single answer. */
export const METHOD_NAMES = Object.keys(METHODS) as readonly MethodName[];

/** Whether a method changes nothing. `watch` only reports. */
export function isReading(method: MethodName | "watch"): boolean {
  return method === "watch" || METHODS[method].reads;
}

export function isMethodName(name: string): name is MethodName {
  return Object.hasOwn(METHODS, name);
}

/**
 * Checks the parameters of `method` for its handler.
 * @throws {RpcError} INVALID_PARAMS, if a parameter is missing, unknown, of the
 * wrong type or too long.
 */
export function checkParams<M extends MethodName>(
  method: M,
  params: JsonObject,
): Methods[M]["params"] {
  return METHODS[method].check(params);
}

/** The error for an unknown method. */
export function unknownMethod(name: string): RpcError {
  const known = [...METHOD_NAMES, "watch"].join(", ");
  const shown = JSON.stringify(name.slice(0, MAX_SHOWN_CHARS));
  return new RpcError(
    METHOD_NOT_FOUND,
    `unknown method ${shown}; known are ${known}`,
  );
}

/** @throws {RpcError} INVALID_PARAMS, if there is any parameter. */
export function none(params: JsonObject): Record<never, never> {
  refuseOthers(params, []);
  return {};
}

function listParams(params: JsonObject): ListParams {
  refuseOthers(params, ["all", "devices", "mounted", "host"]);
  return {
    ...hostParam(params),
    ...flag(params, "all"),
    ...flag(params, "devices"),
    ...flag(params, "mounted"),
  };
}

function flag<Key extends string>(
  params: JsonObject,
  key: Key,
): { [K in Key]?: boolean } {
  const value = params[key];
  if (value === undefined) return {};
  if (typeof value !== "boolean") {
    throw badParams(
      `"${key}" must be true or false, found ${jsonTypeOf(value)}`,
    );
  }
  return { [key]: value } as { [K in Key]: boolean };
}

function overdueParams(params: JsonObject): OverdueParams {
  refuseOthers(params, ["all"]);
  return flag(params, "all");
}

function whereParams(params: JsonObject): { name: string } {
  refuseOthers(params, ["name"]);
  return { name: checkName(params["name"]) };
}

/** @throws {RpcError} INVALID_PARAMS for an impossible name of a disk. */
function checkName(name: unknown): string {
  if (typeof name !== "string") {
    throw badParams(`"name" must be a string, found ${jsonTypeOf(name)}`);
  }
  if (name === "") {
    throw badParams("the name is empty: a label, UUID, serial or device");
  }
  const bytes = new TextEncoder().encode(name).length;
  if (bytes > MAX_NAME_BYTES) {
    throw badParams(
      `the name has ${bytes} bytes, at most ${MAX_NAME_BYTES} are allowed`,
    );
  }
  return name;
}

function forgetParams(params: JsonObject): ForgetParams {
  refuseOthers(params, ["name", "dryRun"]);
  return { name: checkName(params["name"]), ...flag(params, "dryRun") };
}

/** What the texts say is checked where it is known. */
function remarkParams(params: JsonObject): RemarkParams {
  refuseOthers(params, ["name", "note", "alias", "tags", "untag"]);
  return {
    name: checkName(params["name"]),
    ...textOrNull(params, "note"),
    ...textOrNull(params, "alias"),
    ...texts(params, "tags"),
    ...texts(params, "untag"),
  };
}

function textOrNull<Key extends string>(
  params: JsonObject,
  key: Key,
): { [K in Key]?: string | null } {
  const value = params[key];
  if (value === undefined) return {};
  if (value !== null && typeof value !== "string") {
    throw badParams(
      `"${key}" must be a text or null, found ${jsonTypeOf(value)}`,
    );
  }
  return { [key]: value } as { [K in Key]: string | null };
}

function texts<Key extends string>(
  params: JsonObject,
  key: Key,
): { [K in Key]?: readonly string[] } {
  const value = params[key];
  if (value === undefined) return {};
  if (!isTexts(value)) {
    throw badParams(
      `"${key}" must be a list of at most ${MAX_TAGS_AT_ONCE} texts`,
    );
  }
  return { [key]: value } as { [K in Key]: readonly string[] };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length <= MAX_TAGS_AT_ONCE &&
    value.every((one) => typeof one === "string");
}

/** In a list of tags. */
const MAX_TAGS_AT_ONCE = 100;

function findParams(params: JsonObject): FindParams {
  refuseOthers(params, ["name", "host"]);
  return { name: checkName(params["name"]), ...hostParam(params) };
}

function hostParam({ host }: JsonObject): { host?: string } {
  if (host === undefined) return {};
  if (typeof host !== "string" || host === "") {
    throw badParams(`"host" must be the name or id of a host`);
  }
  return { host };
}

function historyParams(params: JsonObject): HistoryParams {
  refuseOthers(params, ["name", "host", "since", "limit"]);
  const { name, since } = params;
  if (since !== undefined && !isTime(since)) {
    throw badParams(`"since" must be a time like 2026-01-31T12:00:00Z`);
  }
  return {
    ...(name !== undefined && { name: checkName(name) }),
    ...hostParam(params),
    ...(since !== undefined && { since }),
    ...wholeNumber(params, "limit", { from: 1, to: MAX_HISTORY_ROWS }),
  };
}

function isTime(value: unknown): value is string {
  return typeof value === "string" && /^\d{4}-\d\d-\d\dT/.test(value) &&
    !Number.isNaN(Date.parse(value));
}

function exportParams(params: JsonObject): ExportParams {
  refuseOthers(params, ["after"]);
  return wholeNumber(params, "after", { from: 0, to: Number.MAX_SAFE_INTEGER });
}

/** The elements are checked when they are imported. */
function importParams(params: JsonObject): ImportParams {
  refuseOthers(params, ["rows", "remarks"]);
  const { rows, remarks } = params;
  return {
    rows: arrayIn(rows, "rows"),
    ...(remarks !== undefined && { remarks: arrayIn(remarks, "remarks") }),
  };
}

function arrayIn<Element>(value: unknown, key: string): readonly Element[] {
  if (Array.isArray(value)) return value;
  throw badParams(`"${key}" must be an array, found ${jsonTypeOf(value)}`);
}

function wholeNumber<Key extends string>(
  params: JsonObject,
  key: Key,
  { from, to }: { readonly from: number; readonly to: number },
): { [K in Key]?: number } {
  const value = params[key];
  if (value === undefined) return {};
  const fits = Number.isSafeInteger(value) && Number(value) >= from &&
    Number(value) <= to;
  if (!fits) {
    throw badParams(`"${key}" must be a whole number from ${from} to ${to}`);
  }
  return { [key]: value } as { [K in Key]: number };
}

function refuseOthers(params: JsonObject, known: readonly string[]): void {
  const other = Object.keys(params).find((key) => !known.includes(key));
  if (other === undefined) return;
  const shown = JSON.stringify(other.slice(0, MAX_SHOWN_CHARS));
  const expected = known.length === 0 ? "none" : `"${known.join('", "')}"`;
  throw badParams(`unknown parameter ${shown}, expected ${expected}`);
}

function badParams(message: string): RpcError {
  return new RpcError(INVALID_PARAMS, message);
}

const MAX_SHOWN_CHARS = 40;
