import { mock } from "node:test";
import { parseHTML } from "linkedom";

/** What the page's modules find in a browser; import this before them. */

const HTML =
  "<!doctype html><html><head><title></title></head><body><div id=page></div></body></html>";
const { document, window, Element } = parseHTML(HTML);
const ORIGIN = "http://alpha:8082";

// deno-lint-ignore no-explicit-any
type Json = any;

/** The stream of events that a page has opened. */
class FakeEventSource extends EventTarget {
  static readonly CLOSED = 2;
  static readonly opened: FakeEventSource[] = [];
  readyState = 1;

  constructor(readonly address: string) {
    super();
    FakeEventSource.opened.push(this);
  }

  close(): void {
    this.readyState = FakeEventSource.CLOSED;
  }

  say(kind: string, data: Json): void {
    this.dispatchEvent(
      new MessageEvent(kind, { data: JSON.stringify(data) }),
    );
  }

  /** It broke; a browser gives up after an answer other than 200. */
  fail(isFinal = false): void {
    if (isFinal) this.readyState = FakeEventSource.CLOSED;
    this.dispatchEvent(new Event("error"));
  }
}

const here = { href: `${ORIGIN}/` };
const location = {
  origin: ORIGIN,
  get href() {
    return here.href;
  },
  get pathname() {
    return new URL(here.href).pathname;
  },
  get search() {
    return new URL(here.href).search;
  },
};
function goTo(_state: unknown, _title: string, address: string): void {
  here.href = new URL(address, here.href).href;
}

/** An answer of the API: a status, and a document or a text. */
type Answer = readonly [status: number, document: Json];

/**
 * A browser without a screen: it has what is drawn, and the API that a test
 * gives it. Time passes when the test says so. One for all tests of a file, as
 * a page has its modules once.
 */
class PageDom {
  readonly document: Json = document;
  readonly location = location;
  #now = Date.parse("2026-11-22T12:00:00Z");
  readonly #asked: string[] = [];
  answer: (path: string) => Answer | Promise<Answer> = () => [404, null];

  constructor() {
    mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
    Date.now = () => this.#now;
    performance.now = () => this.#now;
    this.setVisible(true);
    Object.assign(globalThis, {
      fetch: async (path: string) => {
        this.#asked.push(path);
        const [status, document] = await this.answer(path);
        return {
          ok: status === 200,
          status,
          text: () =>
            Promise.resolve(
              typeof document === "string"
                ? document
                : JSON.stringify(document),
            ),
        };
      },
    });
  }

  get root(): Json {
    return document.getElementById("page");
  }

  get text(): string {
    return this.root.textContent.replace(/\s+/g, " ").trim();
  }

  get source(): FakeEventSource {
    return FakeEventSource.opened.at(-1)!;
  }

  /** A button of the browser leads back or forward to this address. */
  leadTo(address: string): void {
    goTo(null, "", address);
    document.dispatchEvent(new window.Event("popstate"));
  }

  setVisible(isVisible: boolean): void {
    Object.defineProperty(document, "visibilityState", {
      value: isVisible ? "visible" : "hidden",
      configurable: true,
    });
    document.dispatchEvent(new window.Event("visibilitychange"));
  }

  /** Addresses that were asked for since this was called last. */
  news(): string[] {
    return this.#asked.splice(0);
  }

  /** Types into a field, as a whole. */
  type(field: Json, text: string): void {
    field.value = text;
    field.dispatchEvent(new window.Event("input", { bubbles: true }));
  }

  /** An event of an element: `keydown`, `click`, `submit`; whether the browser does what it does itself. */
  send(element: Json, kind: string, more: object = {}): boolean {
    const event = new window.Event(kind, { bubbles: true, cancelable: true });
    element.dispatchEvent(Object.assign(event, more));
    return !event.defaultPrevented;
  }

  /** Lets so many ms pass, and what is due happen. */
  async pass(ms: number): Promise<void> {
    await settle();
    for (let left = ms; left > 0; left -= 20) {
      const step = Math.min(left, 20);
      this.#now += step;
      mock.timers.tick(step);
      await settle();
    }
  }

  /** The computer sleeps: its clock goes on, its timers do not. */
  sleep(ms: number): void {
    this.#now += ms;
  }
}

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

/** All that is drawn is in view. */
class SeenAtOnce {
  constructor(
    readonly tell: (
      entries: readonly { target: Json; isIntersecting: boolean }[],
    ) => void,
  ) {}
  observe(target: Json): void {
    queueMicrotask(() => this.tell([{ target, isIntersecting: true }]));
  }
  unobserve(): void {}
}

for (const part of ["origin", "hash", "href"] as const) {
  Object.defineProperty(window.HTMLAnchorElement.prototype, part, {
    get(this: Json): string {
      return new URL(this.getAttribute("href") ?? "", location.href)[part];
    },
  });
}

Object.assign(globalThis, {
  document,
  Element,
  location,
  history: { pushState: goTo, replaceState: goTo },
  scrollTo: () => {},
  EventSource: FakeEventSource,
  IntersectionObserver: SeenAtOnce,
  addEventListener: document.addEventListener.bind(document),
  matchMedia: () => ({ matches: true }),
});

/** The browser's one window. */
export const page = new PageDom();
