import assert from "node:assert/strict";
import type { SshEntry } from "../../../src/config/ssh_setting.ts";
import { Refusal } from "../../../src/mount/refusal.ts";
import {
  fullDestination,
  type SshTarget,
  sshTarget,
} from "../../../src/mount/ssh.ts";
import { targetNamed } from "./remote_support.ts";

const NO_NAMES: ReadonlyMap<string, string | SshEntry> = new Map();

function target(
  host: string,
  { names = NO_NAMES, user = null }: {
    readonly names?: ReadonlyMap<string, string | SshEntry>;
    readonly user?: string | null;
  } = {},
) {
  return sshTarget({ host, hostId: "b0b0" }, { names, user });
}

Deno.test("sshTarget() takes an announced name that is a host name, or an address", () => {
  for (const host of ["beta", "Beta-2.example.org", "192.168.1.12", "b"]) {
    const named = targetNamed(host, { name: host });
    assert.deepEqual(target(host), named);
  }
  assert.equal(
    fullDestination(target("beta", { user: "admin" })),
    "admin@beta",
  );
});

const HOSTILE_HOSTS = [
  "-oProxyCommand=touch /tmp/x",
  "--",
  "root@beta",
  "beta -oProxyCommand=x",
  "beta\n",
  "beta;id",
  "$(id)",
  "ssh://beta",
  "beta:22",
  "beta,fsname=x",
  "be/ta",
  "béta",
  "beta.",
  ".beta",
  "",
  "b".repeat(254),
];

for (const host of HOSTILE_HOSTS) {
  Deno.test(`sshTarget() refuses the announced name ${JSON.stringify(host.slice(0, 40))}`, () => {
    assert.throws(() => target(host), (error) => {
      assert.ok(error instanceof Refusal);
      assert.equal(error.kind, "refused");
      assert.equal(error.hints.at(-1), 'ssh: {"b0b0": user@host}');
      // deno-lint-ignore no-control-regex
      assert.doesNotMatch(error.message, /[\x00-\x1f]/);
      return true;
    });
  });
}

Deno.test("sshTarget() follows the configuration, by the host's id before its name", () => {
  const byName = new Map([["beta", "admin@beta.example.org"]]);
  assert.equal(
    target("beta", { names: byName }).destination,
    "admin@beta.example.org",
  );
  const byId = new Map([...byName, ["b0b0", "10.0.0.2"]]);
  assert.equal(target("beta", { names: byId }).destination, "10.0.0.2");
  // That a host calls itself something unfit is no matter then.
  assert.equal(target("-oX", { names: byId }).destination, "10.0.0.2");
});

Deno.test("sshTarget() puts --user before the user of the configuration", () => {
  const names = new Map([["beta", "admin@beta.example.org"]]);
  const found = target("beta", { names, user: "jo" });
  assert.deepEqual(found, targetNamed("beta.example.org", { user: "jo" }));
  assert.equal(fullDestination(found), "jo@beta.example.org");
});

const ENTRIES: readonly (readonly [SshEntry, SshTarget])[] = [
  [{}, targetNamed("beta", { name: "beta" })],
  [
    { user: "admin", sudo: true },
    targetNamed("admin@beta", { sudo: true, name: "beta" }),
  ],
  [{ host: "b.example.org", port: 2222, identityFile: "~/.ssh/nas" }, {
    ...targetNamed("b.example.org"),
    options: ["Port=2222", "IdentityFile=~/.ssh/nas"],
  }],
  [{ host: "fe80::1%eth0", user: "admin" }, {
    ...targetNamed("admin@beta"),
    options: ["HostName=fe80::1%%eth0"],
  }],
];

for (const [entry, expected] of ENTRIES) {
  Deno.test(`sshTarget() follows ${JSON.stringify(entry)}`, () => {
    const names = new Map([["beta", entry]]);
    assert.deepEqual(target("beta", { names }), expected);
  });
}

for (const user of ["-l", "a b", "a@b", "a;id", "1a", "", "a\n"]) {
  Deno.test(`sshTarget() refuses the user ${JSON.stringify(user)}`, () => {
    assert.throws(
      () => target("beta", { user }),
      { kind: "usage", message: /--user is / },
    );
  });
}
