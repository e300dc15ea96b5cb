import assert from "node:assert/strict";
import { makeDisk } from "../../../src/inventory/disk.ts";
import { datagram } from "../../support/announcements.ts";
import { placeOf, twoHosts } from "./support.ts";

const photos = makeDisk({ device: "/dev/sdb1", uuid: "p", label: "photos" });
const music = makeDisk({ device: "/dev/sdb1", uuid: "m", label: "music" });
const [A, B] = ["10.0.0.71", "10.0.0.72"];

const NODE_1 = { id: "clone", host: "node1", disks: [photos] };
const NODE_2 = { id: "clone", host: "node2", disks: [music] };

Deno.test("a clone that starts when the first machine is off does not take over what that had", () => {
  const { lan, alpha } = twoHosts();
  lan.inject(datagram({ ...NODE_1, boot: 10 }), A);
  lan.inject(datagram({ ...NODE_1, boot: 10, seq: 2, bye: true }), A);
  lan.inject(datagram({ ...NODE_2, boot: 20 }), B);
  assert.equal(placeOf(alpha, "photos"), "node1 detached");
  assert.equal(placeOf(alpha, "music"), "node2 attached");
  lan.inject(datagram({ ...NODE_2, boot: 20, seq: 2, bye: true }), B);
  lan.inject(datagram({ ...NODE_1, boot: 30 }), A);
  assert.equal(placeOf(alpha, "photos"), "node1 attached");
  assert.equal(placeOf(alpha, "music"), "node2 detached");
  const events = alpha.changes
    .filter(({ host }) => host.name.startsWith("node"))
    .map(({ event, host }) => `${host.name} ${event}`);
  assert.deepEqual(events, [
    "node1 host-up",
    "node1 attached",
    "node1 host-gone",
    "node2 host-up",
    "node2 attached",
    "node2 host-gone",
    "node1 host-up",
  ]);
});

Deno.test("a host that is renamed at a restart, or while it runs, is one host", () => {
  const { lan, alpha } = twoHosts();
  const renamed = { ...NODE_1, host: "renamed" };
  lan.inject(datagram({ ...NODE_1, boot: 10 }), A);
  lan.inject(datagram({ ...renamed, boot: 10, seq: 2 }), A);
  assert.equal(placeOf(alpha, "photos"), "renamed attached");
  lan.inject(datagram({ ...NODE_1, boot: 20 }), A);
  assert.equal(placeOf(alpha, "photos"), "node1 attached");
  const hosts = [...alpha.peer.inventory.hosts()];
  assert.equal(hosts.filter(({ id }) => id.startsWith("clone")).length, 1);
});

Deno.test("a goodbye of another run names no other machine", () => {
  const { lan, alpha } = twoHosts();
  lan.inject(datagram({ ...NODE_1, boot: 10 }), A);
  const goodbye = { id: "clone", host: "node2", bye: true, disks: [] };
  lan.run(200_000);
  lan.inject(datagram({ ...goodbye, boot: 20 }), B);
  assert.equal(placeOf(alpha, "photos"), "node1 detached");
});
