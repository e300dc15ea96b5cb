import assert from "node:assert/strict";
import { ConfigError } from "../../../src/config/config_error.ts";
import { mountSettings } from "../../../src/config/client_settings.ts";

const FILE = "/etc/diskd/config.yaml";

function problems(text: string): string[] {
  try {
    mountSettings(text, FILE);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.problems.map(({ place, message }) => `${place}: ${message}`);
  }
  return [];
}

Deno.test("mountSettings() reads what may be mounted, and names for ssh", () => {
  const text = "port: 1\nmount:\n  allow: [a*, b]\nssh: {beta: root@b}\n" +
    "locate: {allow: c}\n";
  assert.deepEqual(mountSettings(text, FILE), {
    allow: ["a*", "b"],
    locateAllow: ["c"],
    ssh: new Map([["beta", "root@b"]]),
  });
});

Deno.test("mountSettings() reads an entry in full", () => {
  const entry = "{host: fe80::1%eth0, user: jo, port: 2222, " +
    "identityFile: ~/.ssh/nas, sudo: true}";
  const { ssh } = mountSettings(`ssh: {beta: ${entry}, c: {}}`, FILE);
  assert.deepEqual(Object.fromEntries(ssh), {
    beta: {
      host: "fe80::1%eth0",
      user: "jo",
      port: 2222,
      identityFile: "~/.ssh/nas",
      sudo: true,
    },
    c: {},
  });
});

const WRONG_ENTRIES: readonly (readonly [string, RegExp])[] = [
  ["{usr: jo}", /: ssh\.b has the unknown key "usr", did you mean user\?$/],
  ["{xyz: 1}", /"xyz", expected one of host, user, port, identityFile, sudo$/],
  [
    "{port: 0}",
    /: ssh\.b\.port is 0, expected a whole number from 1 to 65535$/,
  ],
  ['{port: "22"}', /ssh\.b\.port is "22", expected a whole number/],
  ["{sudo: 1}", /ssh\.b\.sudo is 1, expected true or false$/],
  ["{host: jo@b}", /ssh\.b\.host is "jo@b", expected a host name or an addr/],
  ["{host: -b}", /ssh\.b\.host is "-b"/],
  ["{user: -l}", /ssh\.b\.user is "-l", expected the name of a user$/],
  ["{user: jo@x}", /ssh\.b\.user is "jo@x"/],
  ["{identityFile: key}", /ssh\.b\.identityFile is "key", expected a path/],
  ['{identityFile: "/a b"}', /identityFile is "\/a b", .*without spaces/],
  ["{identityFile: null}", /identityFile is null/],
  [
    "[a]",
    /: ssh is \{"a":"b","b":\["a"\]\}, expected a map of at most 1000 host/,
  ],
];

for (const [entry, message] of WRONG_ENTRIES) {
  Deno.test(`mountSettings() says what is wrong in ${entry}`, () => {
    const found = problems(`ssh: {a: b, b: ${entry}}`);
    assert.equal(found.length, 1);
    assert.match(found[0]!, message);
  });
}

Deno.test("mountSettings() allows nothing where nothing is said of it", () => {
  const nothing = { allow: [], locateAllow: [], ssh: new Map() };
  for (const text of ["", "# nothing", "port: 1", "mount:\n"]) {
    assert.deepEqual(mountSettings(text, FILE), nothing);
  }
});

Deno.test("mountSettings() passes over what is wrong elsewhere", () => {
  assert.deepEqual(problems("port: 99999\nmount: {allow: [a]}"), []);
});

Deno.test("mountSettings() refuses what is wrong in these, all at once", () => {
  const found = problems(
    "mount: {allow: [1]}\nssh: {a: -b}\nlocate: {allow: [2]}\n",
  );
  assert.equal(found.length, 3);
  assert.match(found[0]!, /line 1: mount.allow is \[1\], expected at most/);
  assert.match(found[1]!, /line 3: locate.allow is \[2\], expected at most/);
  assert.match(found[2]!, /line 2: ssh is \{"a":"-b"\}, expected a map/);
});

Deno.test("mountSettings() refuses a misspelled key, which could be one of these two", () => {
  assert.deepEqual(problems("mount:\n  alow: [a]\n"), [
    `${FILE} line 2: unknown key "mount.alow", did you mean mount.allow?`,
  ]);
});

Deno.test("mountSettings() refuses a file that is no map", () => {
  assert.match(
    problems("[")[0]!,
    /^\/etc\/diskd\/config.yaml line 1: not YAML/,
  );
  assert.match(problems("- a")[0]!, /the file is a list/);
});
