import assert from "node:assert/strict";
import { nameKey } from "../../../src/inventory/host_names.ts";
import { Inventory } from "../../../src/inventory/inventory.ts";
import {
  KEEP_LEFT_NAME_MS,
  NameHolders,
} from "../../../src/inventory/name_holders.ts";

const [BETA, OTHER, THIRD] = ["b", "c", "d"].map((one) => one.repeat(32));

Deno.test("a host under a name that is known of another one is a newcomer, and told once", () => {
  const lan = new Lan();
  assert.deepEqual(lan.hear(BETA!, "beta"), ["host-up"]);
  assert.deepEqual(lan.hear(OTHER!, "beta"), ["host-up", "newcomer"]);
  assert.deepEqual(lan.hear(OTHER!, "beta"), []);
  assert.deepEqual(lan.newcomers(), [`${OTHER} of ${BETA} since 1`]);
  lan.inventory.expire(1e9);
  assert.deepEqual(lan.hear(OTHER!, "beta"), ["host-up"]);
  assert.deepEqual(lan.newcomers(), [`${OTHER} of ${BETA} since 1`]);
});

Deno.test("further newcomers under a name are not told one by one", () => {
  const lan = new Lan();
  lan.hear(BETA!, "beta");
  const told = Array.from(
    { length: 50 },
    (_, index) =>
      lan.hear(`${index}`.padStart(32, "0"), "beta", `10.0.1.${index}`),
  ).flat().filter((event) => event === "newcomer");
  assert.equal(told.length, 1);
  assert.equal(lan.newcomers().length, 50);
});

Deno.test("forgetHost() of the earlier host makes the newcomer the holder of the name", () => {
  const lan = new Lan();
  lan.hear(BETA!, "beta");
  lan.hear(OTHER!, "beta");
  lan.hear(THIRD!, "beta");
  lan.inventory.forgetHost(BETA!);
  assert.deepEqual(lan.newcomers(), [`${THIRD} of ${OTHER} since 2`]);
  assert.deepEqual(lan.hear(BETA!, "beta"), ["host-up"]);
  assert.equal(lan.newcomers().length, 2);
  lan.inventory.forgetHost(THIRD!);
  lan.inventory.forgetHost(BETA!);
  assert.deepEqual(lan.newcomers(), []);
});

Deno.test("a name is kept for an hour for a host that takes another one", () => {
  const lan = new Lan();
  lan.hear(BETA!, "beta");
  lan.hear(OTHER!, "BETA");
  lan.hear(BETA!, "Beta.");
  assert.deepEqual(lan.newcomers(), [`${OTHER} of ${BETA} since 1`]);
  // As a host does that has its name from DHCP.
  lan.hear(BETA!, "localhost");
  lan.pass(KEEP_LEFT_NAME_MS - 10);
  lan.hear(OTHER!, "BETA");
  assert.deepEqual(lan.newcomers(), [`${OTHER} of ${BETA} since 1`]);
  lan.hear(BETA!, "beta");
  lan.pass(KEEP_LEFT_NAME_MS);
  lan.hear(OTHER!, "BETA");
  assert.deepEqual(lan.newcomers(), [`${OTHER} of ${BETA} since 1`]);
  lan.hear(BETA!, "gamma");
  lan.pass(KEEP_LEFT_NAME_MS);
  lan.hear(OTHER!, "BETA");
  assert.deepEqual(lan.newcomers(), []);
  assert.deepEqual(lan.hear(BETA!, "beta").includes("newcomer"), true);
});

Deno.test("a newcomer that takes another name is none any more", () => {
  const lan = new Lan();
  lan.hear(BETA!, "beta");
  lan.hear(OTHER!, "beta");
  lan.hear(OTHER!, "gamma");
  assert.deepEqual(lan.newcomers(), []);
});

Deno.test("a host of 0.01 has no name, and is a newcomer under that of a proven host", () => {
  const lan = new Lan();
  assert.deepEqual(lan.hear("v1-10.0.0.7", "beta"), ["host-up"]);
  assert.deepEqual(lan.hear(BETA!, "beta"), ["host-up"]);
  assert.deepEqual(lan.newcomers(), [`v1-10.0.0.7 of ${BETA} since 2`]);
  assert.deepEqual(lan.hear("v1-10.0.0.8", "gamma"), ["host-up"]);
  lan.hear(OTHER!, "gamma");
  assert.equal(lan.inventory.nameHolder("gamma")?.id, OTHER);
});

Deno.test("nobody else has the name of this host", () => {
  const lan = new Lan();
  assert.deepEqual(lan.hear(BETA!, "Alpha"), ["host-up", "newcomer"]);
  assert.deepEqual(lan.newcomers(), [`${BETA} of self since 0`]);
  lan.inventory.describeSelf({ ...ABOUT, id: "self", name: "omega" });
  assert.deepEqual(lan.newcomers(), []);
});

Deno.test("names outlive a restart, also of hosts that are not known any more", () => {
  const first = new Lan();
  first.hear(BETA!, "beta");
  const lan = new Lan();
  lan.inventory.restoreNames(first.inventory.nameHolders.values());
  assert.deepEqual(lan.hear(OTHER!, "beta"), ["host-up", "newcomer"]);
  assert.deepEqual(lan.newcomers(), [`${OTHER} of ${BETA} since 1`]);
  lan.inventory.forgetHost(BETA!);
  assert.deepEqual(lan.newcomers(), []);
});

Deno.test("NameHolders keeps the names of known hosts, and the earlier ones of others, in a flood", () => {
  const holders = new NameHolders(100, (id) => id === "known");
  holders.take("old", "gone", -1e9);
  for (let i = 0; i < 10_000; i++) holders.take(`x${i}`, "invented", i);
  holders.take("beta", "known", 10_000);
  for (let i = 0; i < 10_000; i++) holders.take(`y${i}`, "invented", i);
  assert.equal(holders.of("old")?.id, "gone");
  assert.equal(holders.of("beta")?.id, "known");
  assert.ok([...holders.values()].length <= 100);
});

Deno.test("nameKey() is one for names that look alike, and for no others", () => {
  const alike = ["beta", "BETA", "beta.", "bet\u{430}", "b\u{435}ta", " beta"];
  const invisible = ["be\u{200b}ta", "beta\u{ad}", "\u{ff42}eta", "béta"];
  for (const name of [...alike, ...invisible]) {
    assert.equal(nameKey(name), "beta", JSON.stringify(name));
  }
  for (const name of ["beta2", "beta.lan", "bet", "b-eta"]) {
    assert.notEqual(nameKey(name), "beta", name);
  }
});

const ABOUT = { version: "0.1.0", everyMs: 30_000 };

/** What alpha hears. */
class Lan {
  readonly inventory = new Inventory({ ...ABOUT, id: "self", name: "alpha" });
  #now = 0;

  /** Returns the events. */
  hear(id: string, name: string, address = `10.0.0.${id.charCodeAt(0)}`) {
    const from = { address, now: ++this.#now };
    const about = { ...ABOUT, id, name };
    return this.inventory.applyAnnouncement(about, null, from).changes
      .map(({ event }) => event);
  }

  pass(ms: number): void {
    this.#now += ms;
  }

  newcomers(): string[] {
    return [...this.inventory.hosts()].flatMap((host) => {
      const holder = this.inventory.otherHolder(host);
      return holder === null
        ? []
        : `${host.id} of ${holder.id} since ${holder.since}`;
    });
  }
}
