import assert from "node:assert/strict";
import {
  Daemon,
  DEFAULT_SOCKET,
  IDENTITY_FILE,
  SHORT_INTERVALS,
} from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { asRoot, type Host } from "../support/host.ts";
import { inSteps, lanTest } from "../support/lan.ts";
import { PYTHON } from "../support/needs.ts";
import { attachNew } from "../support/plug.ts";

const STATE_DIR = "/var/lib/diskd";

interface Site {
  readonly alpha: Host;
  readonly beta: Host;
  readonly observer: Daemon;
  /** Starts the daemon on alpha. */
  readonly start: (
    env?: Readonly<Record<string, string>>,
  ) => Promise<Daemon>;
}

lanTest({
  name: "diskd runs on machines that are set up in odd ways",
  hosts: ["alpha", { name: "beta", networks: ["lan"] }],
}, async ({ alpha, beta }, t) => {
  await attachNew(alpha, { type: "swap", label: "odd" });
  await using observer = await Daemon.start(beta, { args: SHORT_INTERVALS });
  const start = (env?: Readonly<Record<string, string>>) =>
    Daemon.start(alpha, {
      args: SHORT_INTERVALS,
      spawn: (argv) => alpha.spawn(argv, { env }),
    });
  await inSteps(t, { alpha, beta, observer, start }, {
    "its network comes after the daemon": networkComesLater,
    "its interface becomes a port of a bridge": interfaceIsBridged,
    "it is on another subnet of the same wire": otherSubnet,
    "another program has the port": portIsTaken,
    "its state files are empty, or zeros": stateFilesAreDamaged,
    "its file systems are read-only": stateIsReadOnly,
    "/tmp is full, and nothing there may run": tmpIsUseless,
    "the loader's variables are set": loaderVariablesAreSet,
    "the daemon is started with closed streams": streamsAreClosed,
  });
});

async function networkComesLater({ alpha, observer, start }: Site) {
  await asRoot(alpha, "ip link set eth0 down; ip addr flush dev eth0");
  await using daemon = await start();
  assert.match((await problems(daemon)).join(), /No usable network interface/);
  assert.equal((await daemon.call("list", {})).length, 1);
  await asRoot(alpha, `ip addr add ${alpha.address}/24 dev eth0`);
  await asRoot(alpha, "ip link set eth0 up");
  await knowsOdd(observer);
  await eventually(async () => assert.deepEqual(await problems(daemon), []));
  await daemon.stop();
}

async function interfaceIsBridged({ alpha, observer, start }: Site) {
  await using daemon = await start();
  const hostId = await knowsOdd(observer);
  await asRoot(
    alpha,
    "ip link add br0 type bridge mcast_snooping 0; ip link set br0 up; " +
      `ip addr flush dev eth0; ip link set eth0 master br0; ` +
      `ip addr add ${alpha.address}/24 dev br0`,
  );
  await eventually(async () => {
    const { interfaces } = await daemon.call("localhost", {});
    assert.deepEqual(interfaces.map(({ name }) => name), ["br0"]);
    assert.deepEqual(await problems(daemon), []);
  });
  await attachNew(alpha, { type: "swap", label: "bridged" });
  assert.equal(await knows(observer, "bridged"), hostId);
  await daemon.stop();
  await asRoot(alpha, "ip link del br0");
  await asRoot(alpha, `ip addr add ${alpha.address}/24 dev eth0`);
}

async function otherSubnet({ alpha, observer, start }: Site) {
  await asRoot(alpha, "ip addr flush dev eth0");
  await asRoot(alpha, "ip addr add 10.99.0.5/16 dev eth0");
  await using daemon = await start();
  await knowsOdd(observer);
  const [row] = await observer.call("where", { name: "odd" });
  assert.equal(row?.address, "10.99.0.5");
  await eventually(async () => {
    const hosts = await daemon.call("hosts", {});
    assert.deepEqual(hosts.map(({ host }) => host), ["alpha", "beta"]);
  });
  await daemon.stop();
  await asRoot(alpha, "ip addr flush dev eth0");
  await asRoot(alpha, `ip addr add ${alpha.address}/24 dev eth0`);
}

async function portIsTaken({ alpha }: Site) {
  const bind = "import socket,time; s=socket.socket(2,2); " +
    "s.bind(('0.0.0.0',32003)); print('bound',flush=True); time.sleep(600)";
  await using taker = alpha.spawn([PYTHON, "-c", bind]);
  await taker.waitForLog(/bound/);
  const { code, stderr } = await alpha.run(["diskd", "--daemon"]);
  assert.equal(code, 1, stderr);
  assert.match(stderr, /Another program uses UDP port 32003 exclusively/);
  assert.throws(() => Deno.lstatSync(alpha.path(DEFAULT_SOCKET)));
}

async function stateFilesAreDamaged({ alpha, observer, start }: Site) {
  await using first = await start();
  const hostIds = new Set([await knowsOdd(observer)]);
  await first.stop();
  for (const text of ["", "\0".repeat(4096)]) {
    const files = await asRoot(alpha, `ls ${STATE_DIR}`);
    assert.match(files, /identity\.json/);
    for (const file of files.trim().split("\n")) {
      Deno.writeTextFileSync(alpha.path(`${STATE_DIR}/${file}`), text);
    }
    await using daemon = await start();
    hostIds.add(await knowsOdd(observer));
    const said = (await problems(daemon)).join("\n");
    assert.match(said, /did not contain an identity/);
    assert.match(said, /identity\.key .* new identity/);
    await daemon.stop();
    assert.match(
      Deno.readTextFileSync(alpha.path(IDENTITY_FILE)),
      /^\{"boot":\d+/,
    );
  }
  assert.equal(hostIds.size, 3);
}

async function stateIsReadOnly({ alpha, observer, start }: Site) {
  await asRoot(alpha, `mount --bind -o ro ${STATE_DIR} ${STATE_DIR}`);
  await asRoot(alpha, `mount -o remount,bind,ro ${STATE_DIR}`);
  await using daemon = await start();
  await knowsOdd(observer);
  assert.match(
    (await problems(daemon)).join("\n"),
    /Cannot write \/var\/lib\/diskd\/identity\.json: Read-only file system/,
  );
  await daemon.stop();
  await asRoot(alpha, `umount ${STATE_DIR}`);
}

async function tmpIsUseless({ alpha, observer, start }: Site) {
  // From source, diskd itself may be there.
  const { DENO_DIR = "" } = alpha.environment;
  const kept = DENO_DIR.startsWith("/tmp/") ? DENO_DIR : "";
  await asRoot(
    alpha,
    `set -e; kept='${kept}'
    if [ "$kept" ]; then mkdir /run/kept; mount --bind "$kept" /run/kept; fi
    mount -t tmpfs -o noexec,size=64k tmpfs /tmp
    if [ "$kept" ]; then mkdir -p "$kept"; mount --bind /run/kept "$kept"; fi
    head -c 65536 /dev/zero >/tmp/full || true`,
  );
  await using daemon = await start();
  await knowsOdd(observer);
  assert.deepEqual(await problems(daemon), []);
  const { code, stderr } = await daemon.run(["where", "odd"]);
  assert.equal(code, 0, stderr);
  await daemon.stop();
  await asRoot(alpha, "umount -l /tmp");
}

async function loaderVariablesAreSet({ observer, start }: Site) {
  await using daemon = await start({ LD_LIBRARY_PATH: "/nowhere" });
  await knowsOdd(observer);
  assert.deepEqual(await problems(daemon), []);
  await daemon.json("refresh");
  await daemon.stop();
}

async function streamsAreClosed({ alpha, observer }: Site) {
  const start = "exec diskd --daemon --announce-interval 1 <&- >&- 2>&-";
  await using process = alpha.spawn(["sh", "-c", start]);
  await knowsOdd(observer);
  const { code, stdout } = await alpha.run(["diskd", "where", "odd"]);
  assert.equal(code, 0);
  assert.match(stdout, /^odd is on alpha/);
  await process.stop("SIGTERM");
}

/** Waits until the disk is attached, as far as a daemon knows. Returns the id of its host. */
function knowsOdd(observer: Daemon): Promise<string> {
  return knows(observer, "odd");
}

async function knows(observer: Daemon, name: string): Promise<string> {
  let hostId = "";
  await eventually(async () => {
    const rows = await observer.call("where", { name });
    assert.deepEqual(rows.map(({ state }) => state), ["attached"]);
    hostId = rows[0]!.hostId;
  });
  return hostId;
}

async function problems(daemon: Daemon): Promise<readonly string[]> {
  return (await daemon.call("status", {})).problems;
}
