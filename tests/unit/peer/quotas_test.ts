/** Floods of lists, as datagrams; see also tests/unit/inventory/quotas_test.ts. */
import assert from "node:assert/strict";

import { type Disk, makeDisk } from "../../../src/inventory/disk.ts";
import {
  announcement,
  FIRST,
  signedDatagrams,
} from "../../support/announcements.ts";
import { VirtualLan } from "../../support/virtual_lan.ts";
import { placeOf, start, STARTED_MS } from "./support.ts";

const LIMITS = { disks: 2_000, disksPerHost: 100, disksOfUnproven: 2_000 };

function disks(prefix: string, count: number): Disk[] {
  return Array.from(
    { length: count },
    (_, i) =>
      makeDisk({ device: `/dev/${prefix}${i}`, label: `${prefix}${i}` }),
  );
}

function say(lan: VirtualLan, address: string, id: string, list: Disk[]): void {
  const said = announcement({ ...FIRST, id, host: id, disks: list });
  for (const bytes of signedDatagrams(said)) lan.inject(bytes, address);
}

Deno.test("32 hosts with all the disks that a host may have, at two addresses, hide no disk of an honest host", () => {
  const lan = new VirtualLan();
  const alpha = lan.host("alpha", { limits: LIMITS });
  const beta = lan.host("beta", { limits: LIMITS });
  start(lan, alpha, disks("own", 2));
  start(lan, beta, disks("beta", 1));
  lan.run(STARTED_MS);
  assert.deepEqual(alpha.peer.problems(lan.now), []);
  for (let i = 0; i < 32; i++) {
    const address = `10.0.0.${66 + i % 2}`;
    say(lan, address, `liar${i}`, disks(`lie${i}-`, 100));
    lan.run(10);
  }
  lan.do(beta, beta.peer.scanned(disks("beta", 2), lan.now));
  lan.do(alpha, alpha.peer.scanned(disks("own", 3), lan.now));
  lan.run(1_000);
  for (const host of [alpha, beta]) {
    assert.equal(placeOf(host, "beta0"), "beta attached");
    assert.equal(placeOf(host, "beta1"), "beta attached");
    assert.equal(placeOf(host, "own2"), "alpha attached");
    const problems = host.peer.problems(lan.now).join("\n");
    assert.match(problems, /10\.0\.0\.66/);
    assert.match(problems, /10\.0\.0\.67/);
    assert.deepEqual(
      host.changes.filter(({ event }) => event === "detached"),
      [],
    );
  }
  lan.run(60 * 60_000);
  assert.deepEqual(alpha.peer.problems(lan.now), [], "an hour later");
  const left = [...alpha.peer.inventory.hosts()].map(({ name }) => name)
    .filter((name) => name.startsWith("liar"));
  assert.ok(left.length <= 8, `${left} are remembered`);
});

Deno.test("a list that was cut is whole again soon after there is room, without a new revision", () => {
  const lan = new VirtualLan();
  const alpha = lan.host("alpha", { limits: LIMITS });
  const beta = lan.host("beta");
  start(lan, alpha, []);
  start(lan, beta, []);
  lan.run(STARTED_MS);
  for (let i = 0; i < 32; i++) {
    say(lan, `10.0.0.${66 + i}`, `liar${i}`, disks(`lie${i}-`, 80));
  }
  lan.do(beta, beta.peer.scanned(disks("beta", 99), lan.now));
  lan.run(1_000);
  const shown = () => alpha.peer.inventory.host(beta.peer.identity.key.id)!;
  assert.ok(shown().cut > 0, "there was room for all");
  assert.equal(placeOf(alpha, "beta0"), "beta attached");
  lan.run(5 * 60_000);
  assert.equal(shown().cut, 0);
  assert.equal(shown().disks.length, 99);
});
