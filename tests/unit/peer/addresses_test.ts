import assert from "node:assert/strict";
import { datagram } from "../../support/announcements.ts";
import type { VirtualHost, VirtualLan } from "../../support/virtual_lan.ts";
import { twoHosts } from "./support.ts";

const [A, B, V] = ["10.0.0.71", "10.0.0.72", "10.0.0.200"];

Deno.test("a floating address comes last on the host that has it, and leaves the other", () => {
  const { lan, alpha } = twoHosts();
  const site = new Announced(lan);
  site.hear("beta", [A, V]);
  site.hear("gamma", [B]);
  site.hear("beta", [V, A]);
  assert.deepEqual(addressesOf(alpha, "beta"), [A, V]);
  for (const heard of [[V, B], [B, V], [V, B]]) {
    site.hear("gamma", heard);
    site.hear("beta", [A]);
    assert.deepEqual(addressesOf(alpha, "gamma"), [B, V]);
    assert.deepEqual(addressesOf(alpha, "beta"), [A]);
  }
});

Deno.test("hosts that exchange their leases have the new ones at once", () => {
  const { lan, alpha } = twoHosts();
  const site = new Announced(lan);
  site.hear("beta", [A]);
  site.hear("gamma", [B]);
  site.hear("beta", [B]);
  assert.deepEqual(addressesOf(alpha, "gamma"), []);
  site.hear("gamma", [A]);
  assert.deepEqual(addressesOf(alpha, "beta"), [B]);
  assert.deepEqual(addressesOf(alpha, "gamma"), [A]);
});

/** Hosts that announce themselves every second. */
class Announced {
  readonly #lan: VirtualLan;
  #seq = 0;

  constructor(lan: VirtualLan) {
    this.#lan = lan;
  }

  /** The same announcement arrives from each of these addresses. */
  hear(id: string, addresses: readonly string[]): void {
    this.#lan.run(1_000);
    const bytes = datagram({ id, host: id, seq: ++this.#seq });
    for (const address of addresses) this.#lan.inject(bytes, address);
  }
}

function addressesOf({ peer }: VirtualHost, id: string): readonly string[] {
  return peer.inventory.host(id)?.addresses ?? [];
}
