import type { Following, System } from "../system/system.ts";

/** Prints a line for each change of a network interface. @see ip-monitor(8) */
const LINK_MONITOR_ARGS: readonly string[] = ["-o", "monitor", "link"];

/** An interface, and whether its cable, or Wi-Fi, is connected. */
interface LinkChange {
  readonly name: string;
  readonly isUp: boolean;
}

/** Reads a line of `ip -o monitor link`; `null` if it is another one. */
function parseLink(line: string): LinkChange | null {
  const [, deleted, name, flags = ""] = LINK_LINE.exec(line) ?? [];
  if (name === undefined) return null;
  const isUp = deleted === undefined && flags.split(",").includes("LOWER_UP");
  return { name, isUp };
}

/** `2: eth0@if7: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 ...`. */
const LINK_LINE = /^(Deleted )?\d+: ([^\s:]+?)(?:@[^\s:]*)?: <([^>]*)>/;

/**
 * Tells at once that the link of an interface returned, which Deno does not
 * show. It is started before the daemon drops its permissions, and is not
 * started again: `ip` can run any other program, so the daemon must not be
 * allowed to run it. Without `ip`, a link that returned shows when another host
 * is heard.
 */
export class LinkWatch {
  readonly #up = new Set<string>();
  readonly #following: Following;
  /** Called with the name of the interface. */
  onReturn: (name: string) => void = () => {};

  constructor({ follow }: Pick<System, "follow">) {
    this.#following = follow(
      "ip",
      LINK_MONITOR_ARGS,
      (line) => this.#take(line),
    );
  }

  /** Settles when its program is gone. */
  stop(): Promise<void> {
    return this.#following.stop();
  }

  #take(line: string): void {
    const change = parseLink(line);
    if (change === null) return;
    const { name, isUp } = change;
    const wasUp = this.#up.has(name);
    if (isUp) this.#up.add(name);
    else this.#up.delete(name);
    // How it was at the start is unknown, so the first line may say so too.
    if (isUp && !wasUp) this.onReturn(name);
  }
}
