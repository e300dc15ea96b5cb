import assert from "node:assert/strict";
import { Keyring } from "../../../src/codec/keyring.ts";
import { NONCE_BYTES } from "../../../src/codec/sealed.ts";
import type { Trust } from "../../../src/codec/trust.ts";
import { makeDisk } from "../../../src/inventory/disk.ts";
import { datagram } from "../../support/announcements.ts";
import { VirtualLan } from "../../support/virtual_lan.ts";

const ALPHA = "10.1.0.1";
const ACCEPT = keyring(false);
const REQUIRE = keyring(true);

Deno.test("who was believed without proof is forgotten when it is demanded", () => {
  const { peer } = host(ACCEPT);
  const old = "diskd:---\n- - u\n  - l\n  - /dev/a\n";
  peer.receive(new TextEncoder().encode(old), "10.1.0.66", 1);
  peer.receive(datagram({ id: "id-liar" }), "10.1.0.67", 1);
  peer.receive(ACCEPT.protect(datagram({ id: "id-alpha" })), ALPHA, 1);
  assert.equal([...peer.inventory.hosts()].length, 4);
  peer.trust(REQUIRE, 2);
  assert.deepEqual(
    [...peer.inventory.hosts()].map(({ id }) => id),
    ["id-beta", "id-alpha"],
  );
});

Deno.test("hosts of 0.01 are not remembered where proof is demanded", () => {
  const remembered = (id: string) => ({
    id,
    name: id,
    version: null,
    everyMs: 30_000,
    key: null,
    addresses: [ALPHA],
    heardAt: -1,
    liveness: "up" as const,
    disks: [{ disk: makeDisk({ device: "/dev/a", label: id }), since: -5 }],
  });
  const hosts = ["v1-10.1.0.66", "id-alpha"].map(remembered);
  const past = hosts.map(({ id, name }) => ({
    disk: makeDisk({ device: "/dev/b", label: `past ${id}` }),
    host: { id, name },
    from: -9,
    until: -8,
    hasLeft: true,
  }));
  const cases = [[ACCEPT, 2], [REQUIRE, 1]] as const;
  for (const [trust, count] of cases) {
    const { inventory } = host(trust).peer;
    inventory.restore({ hosts, past });
    const known = [...inventory.hosts()].filter(({ id }) => id !== "id-beta");
    assert.equal(known.length, count);
    const places = inventory.where("past v1-10.1.0.66");
    assert.equal(places.found.length, count - 1);
  }
});

function host(trust: Trust) {
  return new VirtualLan().host("beta", { trust });
}

function keyring(require: boolean): Keyring {
  return new Keyring({
    secrets: [new Uint8Array(32).fill(1)],
    require,
    encrypt: false,
    freshNonce: () => new Uint8Array(NONCE_BYTES),
  });
}
