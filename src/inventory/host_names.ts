/**
 * How hosts are shown: by name, and two hosts of one name as
 * `raspberrypi@1f0c22`, with the beginning of the id. Every command that takes
 * a host takes this too; see `resolveHosts`.
 *
 * Not with an address: a lease is handed on, and what somebody copied yesterday
 * must not lead to another machine today.
 */
import type { HostInfo } from "./host.ts";

type Named = Pick<HostInfo, "id" | "name">;

/** Between the name and the beginning of the id. */
const MARK = "@";

/** Shortest beginning of an id, in characters. */
const MIN_ID_LENGTH = 6;

/**
 * The name of a host among known hosts. A host may call itself what another one
 * is shown as, so a name with the mark is never shown alone.
 */
export function uniqueName(
  { id, name }: Named,
  known: Iterable<Named>,
): string {
  let length = name.includes(MARK) ? MIN_ID_LENGTH : 0;
  for (const other of known) {
    if (other.id === id || !isSameName(other.name, name)) continue;
    length = Math.max(length, MIN_ID_LENGTH, commonLength(id, other.id) + 1);
  }
  return length === 0 ? name : `${name}${MARK}${id.slice(0, length)}`;
}

/** Letters of other scripts that look like one of ours, in pairs; from UTS #39. */
const LOOK_ALIKES = new Map(
  "аaеeоoрpсcуyхxіiјjѕsһhԁdԛqԝwкkвbмmтtнhαaοoρpνvιiκkυuτtεeβbχx".match(/../gu)!
    .map((pair) => [pair[0]!, pair[1]!]),
);

/** What no eye sees. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Z}\p{Mn}]/gu;

/**
 * What two names have in common that people take for one: in any case, with or
 * without a dot at the end, in another script, with what cannot be seen. The
 * short and the long form of a name, `beta` and `beta.lan`, are two names.
 */
export function nameKey(name: string): string {
  if (PLAIN_NAME.test(name)) return name;
  const folded = name.normalize("NFKD").toLowerCase()
    .replace(INVISIBLE, "").replace(/\.+$/, "");
  return Array.from(folded, (one) => LOOK_ALIKES.get(one) ?? one).join("");
}

/** As most are. */
const PLAIN_NAME = /^[a-z0-9-]+$/;

/** Whether people take two names for one. */
export function isSameName(a: string, b: string): boolean {
  return a === b || nameKey(a) === nameKey(b);
}

function commonLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

/** The name in what may be a unique name; otherwise the text as it is. */
export function nameWithoutId(text: string): string {
  const at = text.lastIndexOf(MARK);
  return at < 0 ? text : text.slice(0, at);
}

/** Whether a text is a unique name of this host, with its id or the beginning. */
export function idInName(
  { id, name }: Named,
  text: string,
): "whole" | "start" | "none" {
  const plain = nameWithoutId(text);
  if (plain.length === text.length || !isSameName(plain, name)) return "none";
  const start = text.slice(plain.length + MARK.length);
  if (start === id) return "whole";
  return start.length >= MIN_ID_LENGTH && id.startsWith(start)
    ? "start"
    : "none";
}

/** Known hosts by name. Thousands may have the same one. */
export class HostNames {
  /** In the order of their ids. */
  readonly #byName = new Map<string, Named[]>();

  add(host: Named): void {
    const key = nameKey(host.name);
    const group = this.#byName.get(key);
    if (group === undefined) this.#byName.set(key, [host]);
    else {
      const at = placeOf(host, group);
      group.splice(at, group[at]?.id === host.id ? 1 : 0, host);
    }
  }

  /** Must be called before the name or the id changes. */
  delete(host: Named): void {
    const key = nameKey(host.name);
    const group = this.#byName.get(key);
    if (group === undefined) return;
    const at = placeOf(host, group);
    if (group[at]?.id === host.id) group.splice(at, 1);
    if (group.length === 0) this.#byName.delete(key);
  }

  /** The known hosts of a name. */
  of(name: string): readonly Named[] {
    return this.#byName.get(nameKey(name)) ?? NOBODY;
  }

  /** Of the others of its name, those whose ids have most in common with that of a host. */
  nearest(host: Named): readonly Named[] {
    const group = this.of(host.name);
    const at = placeOf(host, group);
    const next = group[at]?.id === host.id ? at + 1 : at;
    return [
      ...group.slice(Math.max(0, at - 1), at),
      ...group.slice(next, next + 1),
    ];
  }
}

/** Index of the first that is not before a host. */
function placeOf({ id }: Named, group: readonly Named[]): number {
  let [from, to] = [0, group.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (group[middle]!.id < id) from = middle + 1;
    else to = middle;
  }
  return from;
}

const NOBODY: readonly Named[] = [];
