/** Time between checks of the machine's name, which hostnamectl(1) and DHCP change. */
const NAME_LOOK_MS = 3_000;

interface HostNameOptions {
  /** The setting `hostName`. */
  readonly configured: string | null;
  /** The present name of the machine. */
  readonly machineName: () => string;
  readonly onChange: (name: string) => void;
}

/** The name of this host: the configured one, or else that of the machine, which may change. */
export class HostName {
  readonly #options: HostNameOptions;
  #configured: string | null;
  #name: string;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(options: HostNameOptions) {
    this.#options = options;
    this.#configured = options.configured;
    this.#name = this.#configured ?? options.machineName();
  }

  start(): void {
    this.#timer = setInterval(() => this.#look(), NAME_LOOK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Sets the configured name; `null`: that of the machine. */
  configure(name: string | null): void {
    this.#configured = name;
    this.#look();
  }

  #look(): void {
    const { machineName, onChange } = this.#options;
    const name = this.#configured ?? machineName();
    // Some tools empty the name for a moment.
    if (name === "" || name === this.#name) return;
    this.#name = name;
    onChange(name);
  }
}
