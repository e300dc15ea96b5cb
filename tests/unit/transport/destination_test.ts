import assert from "node:assert/strict";
import {
  destinationFrom,
  ipv6GroupOf,
  showDestination,
} from "../../../src/transport/destination.ts";

Deno.test("ipv6GroupOf() puts the IPv4 group into a link-local group", () => {
  assert.equal(ipv6GroupOf("230.1.2.3"), "ff12::e601:203");
  assert.equal(ipv6GroupOf("239.0.0.1"), "ff12::ef00:1");
  assert.equal(ipv6GroupOf("224.255.16.0"), "ff12::e0ff:1000");
});

Deno.test("destinationFrom() is the group of the interface's family", () => {
  const to = { group: "239.0.0.1", port: 4711 };
  assert.equal(showDestination(destinationFrom({}, to)), "239.0.0.1:4711");
  assert.equal(
    showDestination(destinationFrom({ scopeId: 2 }, to)),
    "[ff12::ef00:1]:4711",
  );
});
