import axe from "axe-core";
import {
  type Browser as Chromium,
  type BrowserContextOptions,
  chromium,
  type Page,
} from "playwright-core";
import { eventually } from "./eventually.ts";
import type { Host, Process } from "./lan.ts";
import { CHROMIUM } from "./needs.ts";

/** Of the browser, and of what is waited for on a page; the machine may be busy. */
const PATIENCE_MS = 30_000;

export type { Page } from "playwright-core";

/** A browser on a host of the LAN in a box: it has the host's network, and the machine's files. */
export class Browser implements AsyncDisposable {
  readonly #chromium: Chromium;
  readonly #folder: string;

  private constructor(chromium: Chromium, folder: string) {
    this.#chromium = chromium;
    this.#folder = folder;
  }

  static async start(host: Host): Promise<Browser> {
    const folder = await Deno.makeTempDir({ prefix: "diskd-browser-" });
    const executablePath = `${folder}/chromium`;
    const network = `nsenter --net=/proc/${host.pid}/ns/net`;
    await Deno.writeTextFile(
      executablePath,
      `#!/bin/sh\nexec ${network} -- ${CHROMIUM} "$@"\n`,
      { mode: 0o755 },
    );
    const started = await chromium.launch({
      executablePath,
      // Root may not have a sandbox, and what is shown is ours.
      args: ["--no-sandbox"],
      timeout: PATIENCE_MS,
    });
    return new Browser(started, folder);
  }

  /** A window that shares nothing with others. */
  async open(options: BrowserContextOptions = {}): Promise<Tab> {
    const context = await this.#chromium.newContext(options);
    context.setDefaultTimeout(PATIENCE_MS);
    await context.addInitScript(REPORT_VIOLATIONS);
    return new Tab(await context.newPage());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#chromium.close();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** What a page does against its own Content-Security-Policy becomes an error in its console. */
const REPORT_VIOLATIONS = `
addEventListener("securitypolicyviolation", (event) => console.error(
  "CSP:", event.violatedDirective, event.blockedURI, event.sample));
`;

/** A page, and what went wrong on it. */
export class Tab implements AsyncDisposable {
  readonly page: Page;
  /** Errors in its console, exceptions that nobody caught, boxes that it opened. */
  readonly faults: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on("console", (message) => {
      if (message.type() === "error") this.faults.push(message.text());
    });
    page.on("pageerror", (error) => this.faults.push(String(error)));
    page.on("dialog", (dialog) => {
      this.faults.push(`a box says ${dialog.message()}`);
      void dialog.dismiss();
    });
  }

  /** Runs JavaScript on the page. */
  // deno-lint-ignore no-explicit-any
  evaluate(code: string): Promise<any> {
    return this.page.evaluate(code);
  }

  /** Waits until nothing on the page is still asked for. */
  async drawn(): Promise<void> {
    await this.page.getByRole("navigation").waitFor();
    await eventually(async () => {
      const busy = await this.page.locator("[aria-busy]").count();
      if (busy > 0) throw new Error(`${busy} parts of the page are empty`);
    }, { pauseMs: 20 });
  }

  /**
   * What axe finds against WCAG 2 A and AA and good practice, if it is serious
   * or critical: its rule and the elements. It works as the browser's tools
   * do, which the policy of the page does not bind. `rules`: only these.
   */
  async barriers(rules?: readonly string[]): Promise<string[]> {
    if (!await this.evaluate(`"axe" in globalThis`)) {
      await this.page.evaluate(axe.source);
    }
    const options = JSON.stringify({
      resultTypes: ["violations"],
      preload: false,
      ...(rules && { runOnly: rules }),
    });
    const { violations } = await this.evaluate(
      `axe.run(${options})`,
    ) as axe.AxeResults;
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .flatMap(({ id, nodes }) =>
        nodes.map(({ html, failureSummary }) =>
          `${id}: ${html}\n${failureSummary ?? ""}`
        )
      );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.context().close();
  }
}

/** `diskd web` on a host, and where its page is. */
export interface WebOnHost {
  readonly process: Process;
  /** `http://127.0.0.1:8082/` */
  readonly address: string;
}

/** Starts it, with further options, and waits until it listens; it ends with the host. */
export async function startWeb(
  host: Host,
  options: readonly string[] = [],
): Promise<WebOnHost> {
  const process = host.spawn(["diskd", "web", ...options]);
  const [, address = ""] = await process.waitForLog(
    /The page is at (http:\S+)/,
    PATIENCE_MS,
  );
  return { process, address };
}
