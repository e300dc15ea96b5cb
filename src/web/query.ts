import { matchesGlob } from "../text/glob.ts";

/** What is asked for is wrong. The message says what was expected. */
export class WrongQuery extends Error {
  override readonly name = "WrongQuery";
}

/** The parameters of a request: the flags of a command, without their dashes. */
export class QueryReader {
  readonly #params: URLSearchParams;
  readonly #known = new Set<string>();

  constructor(params: URLSearchParams) {
    this.#params = params;
  }

  /** @throws {WrongQuery} if it is missing */
  needed(key: string): string {
    const value = this.#get(key);
    if (value) return value;
    throw new WrongQuery(`?${key}= is missing: any name of a disk`);
  }

  texts<Key extends string>(...keys: readonly Key[]): { [K in Key]?: string } {
    const given = keys.flatMap((key) => {
      const value = this.#get(key);
      return value ? [[key, value]] : [];
    });
    return Object.fromEntries(given);
  }

  /**
   * `?all`, `?all=1` and `?all=true`, or `0` and `false`.
   * @throws {WrongQuery} for another value
   */
  flags<Key extends string>(...keys: readonly Key[]): { [K in Key]?: true } {
    const given = keys.filter((key) => {
      const value = this.#get(key) ?? "0";
      if (/^(?:|1|true|0|false)$/.test(value)) return !/^[0f]/.test(value);
      throw new WrongQuery(`${key} is ${value}, expected 1 or 0`);
    });
    return Object.fromEntries(given.map((key) => [key, true])) as {
      [K in Key]?: true;
    };
  }

  /** @throws {WrongQuery} if it is no whole number above 0 */
  number<Key extends string>(key: Key): { [K in Key]?: number } {
    const value = this.#get(key);
    if (value === null) return {};
    if (/^[1-9]\d{0,8}$/.test(value)) {
      return { [key]: Number(value) } as { [K in Key]?: number };
    }
    throw new WrongQuery(`${key} is ${value}, expected a whole number above 0`);
  }

  /** Whether one of the values is as one that is wanted, each of which may be a glob. */
  globs<Key extends string>(
    ...keys: readonly Key[]
  ): (key: Key, values: readonly (string | null)[]) => boolean {
    const wanted = new Map(keys.map((key) => {
      this.#known.add(key);
      return [key, this.#params.getAll(key)];
    }));
    return (key, values) => {
      const globs = wanted.get(key)!;
      return globs.length === 0 ||
        values.some((value) =>
          value !== null && globs.some((glob) => matchesGlob(value, glob))
        );
    };
  }

  /** @throws {WrongQuery} for what nobody has read */
  checkAllRead(): void {
    for (const key of this.#params.keys()) {
      if (this.#known.has(key)) continue;
      const expected = [...this.#known].join(", ") || "none";
      throw new WrongQuery(
        `the parameter ${key} is unknown; expected: ${expected}`,
      );
    }
  }

  #get(key: string): string | null {
    this.#known.add(key);
    return this.#params.get(key);
  }
}
