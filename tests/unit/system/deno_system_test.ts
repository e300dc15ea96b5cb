import assert from "node:assert/strict";
import {
  denoSystem,
  multicastAddresses,
} from "../../../src/system/deno_system.ts";

Deno.test("readText() reads a file", () => {
  const path = Deno.makeTempFileSync();
  try {
    Deno.writeTextFileSync(path, "one\ntwo\n");
    assert.equal(denoSystem().readText(path), "one\ntwo\n");
  } finally {
    Deno.removeSync(path);
  }
});

Deno.test("readText() gives null for what is not there, no file, or not allowed", () => {
  const { readText } = denoSystem();
  assert.equal(readText("/nonexistent/file"), null);
  assert.equal(readText("/etc"), null);
});

Deno.test({
  name: "readText() gives null where reading is not allowed",
  permissions: { read: false },
  fn() {
    assert.equal(denoSystem().readText("/etc/passwd"), null);
  },
});

Deno.test("exists() tells what is there, of any kind, and not what is not", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/socket`;
  const { exists } = denoSystem();
  try {
    assert.equal(exists(path), false);
    using _listener = Deno.listen({ transport: "unix", path });
    assert.equal(exists(path), true);
    assert.equal(exists(folder), true);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test({
  name: "exists() is false where asking is not allowed",
  permissions: { read: false },
  fn() {
    assert.equal(denoSystem().exists("/etc/passwd"), false);
  },
});

Deno.test("now() grows, and wallClock() tells the time", () => {
  const system = denoSystem();
  const before = system.now();
  assert(system.now() >= before);
  assert(Math.abs(system.wallClock() - Date.now()) < 1000);
});

Deno.test("random() is from 0 to below 1", () => {
  const random = denoSystem().random();
  assert(random >= 0 && random < 1);
});

Deno.test("hostname() is the machine's", () => {
  assert.equal(denoSystem().hostname(), Deno.hostname());
});

Deno.test("interfaces() lists loopback", () => {
  const loopback = denoSystem().interfaces()
    .find(({ address }) => address === "127.0.0.1");
  assert.deepEqual(loopback, {
    name: "lo",
    address: "127.0.0.1",
    prefixLength: 8,
  });
});

Deno.test("multicastAddresses() has IPv4 first, then link-local IPv6 with its interface", () => {
  const found = [
    ["eth0", "IPv6", "fe80::1", "ffff:ffff:ffff:ffff::", 2],
    ["eth0", "IPv4", "192.168.1.7", "255.255.255.0", null],
    ["eth0", "IPv6", "2001:db8::1", "ffff:ffff:ffff:ffff::", 0],
    ["lo", "IPv6", "::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 0],
    ["eth0", "IPv4", "10.20.30.40", "255.255.240.0", null],
    ["ppp0", "IPv4", "10.0.0.1", "255.255.255.255", null],
    ["any", "IPv4", "10.0.0.2", "0.0.0.0", null],
    ["eth0.7", "IPv6", "fe80::1", "ffff:ffff:ffff:ffff::", 5],
  ] as const;
  const addresses = multicastAddresses(
    found.map(([name, family, address, netmask, scopeid]) => ({
      name,
      family,
      address,
      netmask,
      scopeid,
    })),
  );
  assert.deepEqual(addresses, [
    { name: "eth0", address: "192.168.1.7", prefixLength: 24 },
    { name: "eth0", address: "10.20.30.40", prefixLength: 20 },
    { name: "ppp0", address: "10.0.0.1", prefixLength: 32 },
    { name: "any", address: "10.0.0.2", prefixLength: 0 },
    { name: "eth0", address: "fe80::1%eth0", prefixLength: 64, scopeId: 2 },
    { name: "eth0.7", address: "fe80::1%eth0.7", prefixLength: 64, scopeId: 5 },
  ]);
});
