import assert from "node:assert/strict";
import { Clock } from "../../../src/daemon/clocks.ts";
import { ListRows } from "../../../src/daemon/list_rows.ts";
import { makeDisk } from "../../../src/inventory/disk.ts";
import { farAddress } from "../../../src/inventory/far_address.ts";
import { Inventory } from "../../../src/inventory/inventory.ts";
import { HistoryRuns } from "./history_runs.ts";
import { BETA, info, SELF, startHistorySite } from "./history_site.ts";

const GAMMA = "c".repeat(32);
const RELAY = "d".repeat(32);
const ADDRESS = "192.168.2.11";
const BACKUP = makeDisk({ device: "/dev/sda", uuid: "8261f666" });

/** Hosts of one address, on this site and on another one, and the relay there. */
function twoSites(siteName: string | null = "home") {
  const inventory = new Inventory(info(SELF, "alpha"));
  inventory.siteName = siteName;
  const clock = new Clock({ now: () => 1_000, wallClock: () => 1_000 });
  hearAt(inventory, ADDRESS, info(BETA, "beta"));
  hearAt(inventory, farAddress(ADDRESS, "away"), info(GAMMA, "gamma"));
  hearAt(inventory, farAddress("192.168.2.1", "away"), {
    ...info(RELAY, "relay"),
    relayOf: "away",
  });
  return { inventory, rows: new ListRows(inventory, clock) };
}

function hearAt(
  inventory: Inventory,
  address: string,
  host: Parameters<Inventory["applyAnnouncement"]>[0],
  disks = [makeDisk({ device: "/dev/sdb", uuid: host.name })],
): void {
  inventory.applyAnnouncement(host, disks, { address, now: 500 });
}

Deno.test("rows tell hosts of one address on two sites apart", () => {
  const { rows } = twoSites();
  const places = ["beta", "gamma"].map((name) => {
    const [row] = rows.find(name).found;
    return [row?.uniqueHost, row?.address, row?.site];
  });
  assert.deepEqual(places, [
    ["beta", ADDRESS, "home"],
    ["gamma", ADDRESS, "away"],
  ]);
  const known = rows.hosts().map(({ host, addresses, site, relay }) => [
    host,
    addresses.join(),
    site,
    relay,
  ]);
  assert.deepEqual(known, [
    ["alpha", "", "home", false],
    ["beta", ADDRESS, "home", false],
    ["gamma", ADDRESS, "away", false],
    ["relay", "192.168.2.1", "away", true],
  ]);
});

Deno.test("list() is made anew when this site gets another name", () => {
  const { inventory, rows } = twoSites(null);
  const site = () => rows.list().decode().find(({ host }) => host === "beta");
  assert.equal(site()?.site, null);
  inventory.siteName = "home";
  assert.equal(site()?.site, "home");
});

Deno.test("this site is called as its relays say, while they are up and agree", () => {
  const { inventory } = twoSites(null);
  assert.equal(inventory.site, null);
  const relay = (id: string, relayOf: string | null) =>
    hearAt(inventory, `192.168.1.${id.charCodeAt(0)}`, {
      ...info(id.repeat(32), `relay ${id}`),
      relayOf,
    });
  relay("e", "home");
  assert.equal(inventory.site, "home");
  relay("f", "attic");
  assert.equal(inventory.site, null);
  relay("f", null);
  assert.equal(inventory.site, "home");
  inventory.applyGoodbye("e".repeat(32), 600);
  assert.equal(inventory.site, null);
});

Deno.test("find() names this site, and the relay at that of the disk", async () => {
  using site = await startHistorySite();
  const { inventory } = site;
  inventory.siteName = "home";
  site.elapse(500);
  hearAt(inventory, farAddress(ADDRESS, "away"), info(GAMMA, "gamma"));
  hearAt(inventory, farAddress("192.168.2.1", "away"), {
    ...info(RELAY, "relay"),
    relayOf: "away",
  });
  hearAt(inventory, "192.168.1.9", {
    ...info(BETA, "beta"),
    relayOf: "home",
  });
  const find = (name: string) => site.finder.find({ name });
  const relay = { host: "relay", hostId: RELAY, uniqueHost: "relay" };
  assert.deepEqual((await find("gamma")).relays, [{ ...relay, site: "away" }]);
  assert.deepEqual((await find("beta")).relays, []);
  assert.equal((await find("gamma")).site, "home");
  inventory.applyGoodbye(RELAY, 600);
  assert.deepEqual((await find("gamma")).relays, []);
});

Deno.test("events say the sites between which a disk moved", () => {
  const { inventory, rows } = twoSites();
  hearAt(inventory, ADDRESS, info(BETA, "beta"), [BACKUP]);
  hearAt(inventory, ADDRESS, info(BETA, "beta"), []);
  const { changes } = inventory.applyAnnouncement(
    info(GAMMA, "gamma"),
    [BACKUP],
    { address: farAddress(ADDRESS, "away"), now: 900 },
  );
  const moved = changes.find(({ event }) => event === "moved");
  const { host, site, from, fromSite } = rows.event(moved!);
  assert.deepEqual([host, site, from, fromSite], [
    "gamma",
    "away",
    "beta",
    "home",
  ]);
});

Deno.test("a host that is silent after a restart is still at its site, and no address shows how that is kept", async () => {
  using runs = new HistoryRuns();
  await runs.run((run) => {
    const from = { address: farAddress(ADDRESS, "away"), now: runs.startedAt };
    const { changes } = run.inventory.applyAnnouncement(
      info(BETA, "beta"),
      [BACKUP],
      from,
    );
    changes.forEach((change) => run.keeper.take(change));
    return run.keeper.written();
  });
  await runs.run(async (run) => {
    const [row] = run.view.find("8261f666").found;
    assert.deepEqual(
      [row?.state, row?.address, row?.site],
      ["stale", ADDRESS, "away"],
    );
    const host = run.view.hosts().find(({ host }) => host === "beta");
    assert.deepEqual([host?.addresses, host?.site], [[ADDRESS], "away"]);
    const told = [
      row,
      host,
      await run.answers.history({ name: "8261f666" }),
      run.answers.find("8261f666").found,
      await run.answers.page({}),
    ];
    assert.doesNotMatch(JSON.stringify(told), /@/);
    const [sighting] = await run.answers.history({ name: "8261f666" });
    assert.equal(sighting?.site, "away");
    const [past] = run.answers.find("8261f666").found;
    assert.deepEqual([past?.address, past?.site], [ADDRESS, "away"]);
    run.hear(BETA, [BACKUP]);
    assert.deepEqual(run.view.hosts()[1]?.addresses, ["10.0.0.2"]);
  });
});
