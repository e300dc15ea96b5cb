import assert from "node:assert/strict";
import { checkOutcome } from "./check_outcome.ts";
import type { Daemon } from "./daemon.ts";
import { eventually } from "./eventually.ts";
import type { Host } from "./host.ts";
import { PROJECT } from "./program.ts";

/** A datagram of App::Diskd 0.01; more disks fit into none. */
const DATAGRAM = `${PROJECT}/tests/fixtures/v1/s20-big-0900-disks.bin`;
const DISKS = 900;

/** Tells a daemon of 900 disks on another host, so that its lists are longer than a pipe or a socket holds. */
export async function tellOfCrowd(host: Host, daemon: Daemon): Promise<void> {
  const input = await Deno.readFile(DATAGRAM);
  const to = `UDP4-DATAGRAM:230.1.2.3:32003,ip-multicast-if=${host.address}`;
  const argv = ["socat", "-u", "-b", "65536", "STDIN", to];
  await eventually(async () => {
    checkOutcome(await host.run(argv, { input }), {}, argv.join(" "));
    const rows = await daemon.call("list", {});
    assert.ok(rows.length >= DISKS, `only ${rows.length} disks are known`);
  });
}
