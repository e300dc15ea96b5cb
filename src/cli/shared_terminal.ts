import type { Interface } from "node:readline";

/** What readline reads from. */
export interface Keyboard {
  setRawMode(isRaw: boolean): unknown;
}

/**
 * The terminal of the prompt, which is lent to programs that ask for a password.
 *
 * It must be lent while readline handles a line, before it has begun to read
 * the next one: Deno 2.6 cannot take back a read, and the password would go to
 * us. While it is lent a Ctrl-C is a signal again, to us and to the program.
 */
export class SharedTerminal {
  readonly #lines: Interface;
  readonly #keyboard: Keyboard;
  #onInterrupt: (() => void) | null = null;

  constructor(lines: Interface, keyboard: Keyboard) {
    this.#lines = lines;
    this.#keyboard = keyboard;
  }

  get isLent(): boolean {
    return this.#onInterrupt !== null;
  }

  lend(onInterrupt: () => void): void {
    this.#lines.pause();
    this.#keyboard.setRawMode(false);
    Deno.addSignalListener("SIGINT", onInterrupt);
    this.#onInterrupt = onInterrupt;
  }

  /** Does nothing where it is not lent. */
  takeBack(): void {
    if (this.#onInterrupt === null) return;
    Deno.removeSignalListener("SIGINT", this.#onInterrupt);
    this.#onInterrupt = null;
    this.#keyboard.setRawMode(true);
    this.#lines.resume();
  }
}
