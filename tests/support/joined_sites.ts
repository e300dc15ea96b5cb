import assert from "node:assert/strict";
import type { PeerRow } from "../../src/control/views.ts";
import { eventually, type EventuallyOptions } from "./eventually.ts";
import { configure } from "./keys.ts";
import { Router } from "./router.ts";
import { Site, type SiteOptions } from "./site.ts";

/** What the configuration of a relay says. */
export interface RelayConfig {
  readonly site?: string;
  /** Names of hosts of the LAN, which stand for their address on its last network, or else anything. */
  readonly peers?: readonly string[];
  /** Other lines. */
  readonly more?: string;
}

/** Networks with a router between them, with a daemon and a disk on each host, of which some are relays. */
export class JoinedSites implements AsyncDisposable {
  readonly site: Site;
  readonly router: Router;

  private constructor(site: Site, router: Router) {
    this.site = site;
    this.router = router;
  }

  static async start(
    { relays, prepare, ...options }: Omit<SiteOptions, "prepare"> & {
      /** By name of the host. */
      readonly relays: Readonly<Record<string, RelayConfig>>;
      /** Called before the daemons start. */
      readonly prepare?: (site: Site, router: Router) => Promise<void>;
    },
  ): Promise<JoinedSites> {
    let router: Router;
    const site = await Site.start({
      ...options,
      async prepare(site) {
        router = await Router.start(site.lan);
        for (const [name, relay] of Object.entries(relays)) {
          await configure(site.host(name), written(site, relay));
        }
        await prepare?.(site, router);
      },
    });
    return new JoinedSites(site, router!);
  }

  /** Has a relay take over another configuration. */
  async reload(name: string, relay: RelayConfig): Promise<void> {
    await configure(this.site.host(name), written(this.site, relay));
    const { code, stderr } = await this.site.daemon(name).run(["reload"]);
    assert.equal(code, 0, stderr);
  }

  /** Waits until `name` knows exactly these hosts to be up, beside those of 0.01: `b1@cabin`, or `b1` if it is of no site. */
  async knows(
    name: string,
    hosts: readonly string[],
    options: EventuallyOptions = {},
  ): Promise<void> {
    await eventually(async () => {
      const rows = await this.site.daemon(name).call("hosts", {});
      const up = rows
        .filter(({ state, version }) => state === "up" && version !== "0.01")
        .map(({ host, site }) => site ? `${host}@${site}` : host);
      assert.deepEqual(up.sort(), hosts.toSorted(), name);
    }, options);
  }

  /** Waits until all know exactly these hosts to be up. */
  async allKnow(hosts: readonly string[]): Promise<void> {
    for (const name of hosts) await this.knows(name.split("@")[0]!, hosts);
  }

  /** The state of the only peer of a relay, once it is as `expected` says. */
  async peer(
    name: string,
    expected: Partial<Omit<PeerRow, "problem">> & { problem?: RegExp | null },
  ): Promise<PeerRow> {
    const { problem, ...same } = expected;
    return await eventually(async () => {
      const { peers = [] } = await this.site.daemon(name).call("status", {});
      const [row] = peers;
      assert.ok(row, `${name} has no peer`);
      assert.deepEqual({ ...row, ...same }, row);
      if (problem === null) assert.equal(row.problem, null);
      else if (problem !== undefined) assert.match(`${row.problem}`, problem);
      return row;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.site[Symbol.asyncDispose]();
  }
}

function written(site: Site, { peers, more, ...rest }: RelayConfig): string {
  const addresses = peers?.map((peer) =>
    site.names.includes(peer) ? site.host(peer).ports.at(-1)!.address : peer
  );
  const lines = Object.entries({
    ...rest,
    ...addresses && { peers: addresses },
  })
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`);
  return lines.join("") + (more ?? "");
}
