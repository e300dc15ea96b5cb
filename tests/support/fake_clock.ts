import type { Host } from "./host.ts";

/** libfaketime, as Debian names it, on any architecture. */
const LIBRARY = "/usr/$LIB/faketime/libfaketimeMT.so.1";
const FILE = "/run/fake-clock";

/** A wall clock of its own for programs on a host, which may be set while they run. */
export class FakeClock {
  /** For the programs that are to see it. */
  readonly env = {
    LD_PRELOAD: LIBRARY,
    FAKETIME_TIMESTAMP_FILE: FILE,
    FAKETIME_NO_CACHE: "1",
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
  };
  readonly #path: string;
  #offsetMs = 0;

  constructor(host: Host) {
    this.#path = host.path(FILE);
    this.set(Date.now());
  }

  /** Ms since 1970. */
  now(): number {
    return Date.now() + this.#offsetMs;
  }

  set(wallMs: number): void {
    const seconds = Math.round((wallMs - Date.now()) / 1_000);
    this.#offsetMs = seconds * 1_000;
    // Another program must not read a part of it.
    Deno.writeTextFileSync(
      `${this.#path}.new`,
      `${seconds < 0 ? "" : "+"}${seconds}\n`,
    );
    Deno.renameSync(`${this.#path}.new`, this.#path);
  }
}
