/**
 * Lists that fill the memory: of many disks, and of texts that take six times
 * their length as JSON. An honest host loses nothing, and every list works.
 */
import assert from "node:assert/strict";
import { type Disk, makeDisk } from "../../src/inventory/disk.ts";
import {
  announcement,
  FIRST,
  signedDatagrams,
} from "../support/announcements.ts";
import { realKey } from "../support/host_keys.ts";
import { Daemon } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { lanTest } from "../support/lan.ts";
import { RawPeer } from "../support/raw_peer.ts";

const MAX_MEMORY_MB = 500;
/** More than the quota of two addresses. */
const HOSTS = 6;

lanTest({
  name:
    "lists that fill the quota of an address hide no disk of an honest host",
  hosts: ["alpha", "beta", "mallory"],
}, async ({ alpha, beta, mallory }) => {
  await beta.attach(await beta.disk({ type: "swap", label: "first" }));
  await using daemon = await Daemon.start(alpha, { quiet: true });
  await using _other = await Daemon.start(beta, { quiet: true });
  await using peer = new RawPeer(mallory);
  const network = alpha.address.slice(0, alpha.address.lastIndexOf("."));
  const addresses = [`${network}.200`, `${network}.201`];
  const say = async (n: number, disks: readonly Disk[]) => {
    const key = realKey(`liar ${n}`);
    const who = { id: key.id, key: key.publicKey, host: `liar${n}` };
    const said = announcement({ ...FIRST, ...who, disks });
    const source = addresses[n % addresses.length]!;
    await peer.send(
      signedDatagrams(said, key).map((bytes) => ({ source, bytes })),
    );
  };
  const control = "\u0001".repeat(150);
  for (let n = 0; n < HOSTS; n++) {
    await say(
      n,
      Array.from(
        { length: 4_096 },
        (_, i) => makeDisk({ device: `/dev/l${i}`, label: `lie${n}-${i}` }),
      ),
    );
    await say(
      n + HOSTS,
      Array.from(
        { length: 300 },
        (_, i) =>
          makeDisk({ device: `/dev/c${i}`, label: `${control}${n}-${i}` }),
      ),
    );
  }
  await beta.attach(await beta.disk({ type: "swap", label: "second" }));
  for (const label of ["first", "second"]) {
    await eventually(async () => {
      const { code, stdout } = await daemon.run(["where", label]);
      assert.equal(code, 0);
      assert.match(stdout, / is on beta, /);
    });
  }
  await eventually(async () => {
    const { problems } = await daemon.call("status", {});
    for (const address of addresses) {
      assert.ok(problems.some((line) => line.includes(address)), address);
    }
  });
  const { code, stdout, stderr } = await daemon.run(["list", "--json"]);
  assert.equal(code, 0, stderr);
  const rows: { label: string }[] = JSON.parse(stdout);
  assert.ok(rows.length > 2 * 4_096, `${rows.length} rows`);
  assert.ok(rows.some(({ label }) => label.startsWith(control)));
  const hosts = await daemon.json("hosts");
  assert.ok(hosts.some(({ cut = 0 }) => cut > 0));
  assert.equal(hosts.find(({ host }) => host === "beta")?.cut, 0);
  const { stderr: hint } = await daemon.run(["where", "not-there"]);
  assert.match(hint, /are cut, .* it may be there/);
  const status = Deno.readTextFileSync(
    `/proc/${await daemon.process.pid()}/status`,
  );
  const peak = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
  assert.ok(peak < MAX_MEMORY_MB, `it took ${peak} MB`);
});
