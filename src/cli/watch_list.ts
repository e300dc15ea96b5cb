import { grey } from "../render/format.ts";
import {
  drawScreen,
  ENTER_SCREEN,
  LEAVE_SCREEN,
  visibleLines,
} from "../render/screen.ts";
import { cutToWidth } from "../render/table.ts";
import type { CommonOptions, Context, DaemonClient } from "./context.ts";
import type { DiskList } from "./disk_list.ts";
import { EXIT } from "../system/exit_code.ts";
import { viewOptions } from "./show.ts";
import { withDaemon } from "./with_daemon.ts";

/** Shortest time between two redraws, however many events arrive. */
const MIN_PAUSE_MS = 100;
/** Longest time between two redraws, because ages grow. */
const MAX_PAUSE_MS = 1_000;

interface Drawing {
  readonly options: CommonOptions;
  readonly context: Context;
  /** What to say in place of an empty list. */
  readonly whyNothing: (
    client: DaemonClient,
    params: DiskList["params"] | null,
  ) => Promise<string>;
}

/**
 * `diskd list --watch`: shows the table on the whole terminal and redraws it at
 * each event, until `q` or an interruption. Restores the terminal afterwards.
 * @throws {DaemonUnreachable} when the daemon ends
 */
export function watchList(
  listing: DiskList,
  drawing: Drawing,
): Promise<number> {
  const { context } = drawing;
  const { stdout, interrupted } = context;
  return withDaemon(drawing, async (client) => {
    const interruption = interrupted();
    const stop = () => void client.close();
    interruption.addEventListener("abort", stop, { once: true });
    let hasQuit = false;
    const leaveKeys = readsKeys(context)
      ? context.onKeys((key) => {
        if (key !== QUIT) return;
        hasQuit = true;
        stop();
      })
      : () => {};
    stdout.write(ENTER_SCREEN);
    try {
      await drawUntilEnd(client, { ...drawing, listing });
    } catch (error) {
      if (!interruption.aborted && !hasQuit) throw error;
    } finally {
      leaveKeys();
      interruption.removeEventListener("abort", stop);
      stdout.write(LEAVE_SCREEN);
      await stdout.flush();
    }
    return EXIT.ok;
  });
}

const QUIT = "q";

function readsKeys({ isInteractive, inPrompt }: Context): boolean {
  return isInteractive && !inPrompt;
}

interface Watched extends Drawing {
  readonly listing: DiskList;
}

/** Until the client is closed, or the reader is gone. */
async function drawUntilEnd(
  client: DaemonClient,
  watched: Watched,
): Promise<void> {
  const pace = new Pace({ minMs: MIN_PAUSE_MS, maxMs: MAX_PAUSE_MS });
  const leaveSize = watched.context.resized(() => pace.hurry());
  const work = [follow(client, pace), drawAll(client, { pace, ...watched })];
  try {
    await Promise.race(work);
  } finally {
    leaveSize();
    pace.end();
    await client.close();
    await Promise.allSettled(work);
  }
}

async function follow(client: DaemonClient, pace: Pace): Promise<void> {
  for await (const _event of client.watch()) pace.hurry();
}

async function drawAll(
  client: DaemonClient,
  { pace, ...watched }: Watched & { readonly pace: Pace },
): Promise<void> {
  const { stdout } = watched.context;
  do {
    const lines = await currentLines(client, watched);
    stdout.write(drawScreen(lines));
    await stdout.flush();
  } while (!stdout.isClosed && await pace.next());
}

async function currentLines(
  client: DaemonClient,
  { listing, options, context, whyNothing }: Watched,
): Promise<readonly string[]> {
  const all = await client.call("list", listing.params);
  const { rows, render, summary } = listing.look(all);
  const view = viewOptions(options, context);
  // A line that fills the last column leaves the cursor there, and erasing the
  // rest of the line would erase this column.
  const columns = view.columns - 1;
  const about = summary === null || rows.length === 0 ? "diskd list" : summary;
  const key = readsKeys(context) ? QUIT : "Ctrl-C";
  const title = grey(cutToWidth(`${about} (${key} quits)`, columns), view);
  if (rows.length === 0) {
    const params = all.length > 0 ? null : listing.params;
    return [title, await whyNothing(client, params)];
  }
  const drawn = render({ ...view, columns });
  const room = context.rows() - 1;
  return [title, ...(room > 0 ? visibleLines(drawn, room) : [])];
}

interface PaceOptions {
  readonly minMs: number;
  readonly maxMs: number;
}

/**
 * Paces repeated work: soon after an event, but not at once each time; and from
 * time to time without events.
 */
export class Pace {
  readonly #options: PaceOptions;
  #isHurried = false;
  #isOver = false;
  #wake = () => {};

  constructor(options: PaceOptions) {
    this.#options = options;
  }

  /** An event happened. */
  hurry(): void {
    this.#isHurried = true;
    this.#wake();
  }

  /** Ends the waiting. */
  end(): void {
    this.#isOver = true;
    this.#wake();
  }

  /**
   * Waits for `minMs`, then for an event, but at most `maxMs` in all. Returns
   * whether to continue.
   */
  async next(): Promise<boolean> {
    const { minMs, maxMs } = this.#options;
    await this.#wait(minMs, () => this.#isOver);
    await this.#wait(maxMs - minMs, () => this.#isOver || this.#isHurried);
    this.#isHurried = false;
    return !this.#isOver;
  }

  async #wait(ms: number, isEnough: () => boolean): Promise<void> {
    if (isEnough()) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    this.#wake = () => {
      if (isEnough()) resolve();
    };
    await promise;
    clearTimeout(timer);
    this.#wake = () => {};
  }
}
