import assert from "node:assert/strict";
import { HeardPlaces } from "../../../src/cli/heard_places.ts";
import type { HostRow } from "../../../src/control/views.ts";
import type { HeardAt } from "../../../src/mount/ssh_route.ts";

const ROW: HostRow = {
  host: "",
  hostId: "",
  uniqueHost: "",
  addresses: [],
  version: null,
  disks: 0,
  state: "up",
  heardAt: "",
  key: null,
  proven: true,
  fingerprint: null,
  nameHolder: null,
};

function row(host: string, more: Partial<HostRow>): HostRow {
  const addresses = [`address of ${host}`];
  return { ...ROW, host, hostId: `id of ${host}`, addresses, ...more };
}

const HOME = { site: "home" };
const CABIN = { site: "cabin" };
type Beyond = NonNullable<HeardAt["beyond"]>;

const HOSTS = [
  row("a1", HOME),
  // It joins its own networks alone.
  row("a3", { ...HOME, relay: true, relayOf: null }),
  row("a2", { ...HOME, relayOf: "home", state: "stale" }),
  row("ar", { ...HOME, relayOf: "home" }),
  row("b1", CABIN),
  row("b2", { ...CABIN, relayOf: "cabin", state: "gone" }),
  row("br", { ...CABIN, relayOf: "cabin" }),
  row("c1", { site: "van" }),
  row("old", {}),
];

/** The relays on the way, by name, the one that is next to the host last; of each the first. */
function waysTo(host: string, from: string): string[] | null {
  const here = { hostId: `id of ${from}`, site: "home" };
  const heard = new HeardPlaces(HOSTS, here);
  const { beyond } = heard.at(`id of ${host}`);
  return beyond === null ? null : through(beyond);
}

function through({ relays, relaysOf }: Beyond): string[] {
  const [relay] = relays;
  if (relay === undefined) return [`none of ${relaysOf}`];
  assert.equal(relays.length, 1);
  const { host, heardAt } = relay;
  assert.deepEqual(heardAt.addresses, [`address of ${host}`]);
  return heardAt.beyond === null ? [host] : [...through(heardAt.beyond), host];
}

const WAYS = [
  ["a1", "b1", ["ar", "br"]],
  ["a1", "br", ["ar"]],
  ["ar", "b1", ["br"]],
  ["ar", "br", null],
  ["a1", "ar", null],
  ["a1", "old", null],
  ["a1", "c1", ["none of van"]],
  ["a1", "unknown", null],
] as const;

for (const [from, to, expected] of WAYS) {
  Deno.test(`HeardPlaces: from ${from} to ${to} through ${expected?.join(" and ") ?? "nobody"}`, () => {
    assert.deepEqual(waysTo(to, from), expected);
  });
}

Deno.test("HeardPlaces: others of the same name are named, whatever its case, if they are up", () => {
  const hosts = [
    row("nas", {}),
    row("NAS", { hostId: "other" }),
    row("nas", { hostId: "gone", state: "gone" }),
  ];
  const heard = new HeardPlaces(hosts, { hostId: "x", site: null });
  assert.deepEqual(heard.at("id of nas").namesakes, ["address of NAS"]);
});
