import assert from "node:assert/strict";
import { join } from "node:path";
import { load } from "js-yaml";
import { loadConfig } from "../../../src/config/load_config.ts";
import { VERSION } from "../../../src/version.ts";
import { PROJECT } from "../../support/program.ts";
import { BINARY } from "../../support/systemd_unit.ts";
import { directive } from "./unit_directives.ts";

const FOLDER = join(PROJECT, "packaging/ansible");
const ROLE = "roles/diskd";

type Task = Readonly<
  Record<string, Readonly<Record<string, unknown>> | undefined>
>;

interface Defaults {
  readonly diskd_version: string;
  readonly diskd_release: string;
  readonly diskd_config: Readonly<Record<string, unknown>>;
  readonly diskd_packages: Readonly<Record<string, string>>;
  readonly diskd_port: string;
}

const DEFAULTS = yaml(`${ROLE}/defaults/main.yaml`) as Defaults;
const TASKS = yaml(`${ROLE}/tasks/main.yaml`) as readonly Task[];
const BUILT_IN = loadConfig({
  flags: {},
  env: {},
  readText: () => null,
  uid: 0,
});

function yaml(path: string): unknown {
  return load(Deno.readTextFileSync(join(FOLDER, path)));
}

/** What the task that writes a file says about it. */
function written(path: string): Readonly<Record<string, unknown>> {
  const found = TASKS.flatMap((task) => [
    task["ansible.builtin.copy"],
    task["ansible.builtin.template"],
    task["ansible.builtin.file"],
  ]).find((module) => module?.dest === path || module?.path === path);
  assert.ok(found, path);
  return found;
}

Deno.test("The role installs the release of the version that is built", () => {
  assert.equal(DEFAULTS.diskd_version, VERSION);
  assert.match(DEFAULTS.diskd_release, /\/download\/v\{\{ diskd_version \}\}$/);
});

Deno.test("The configuration of the role is one that diskd accepts", () => {
  const text = JSON.stringify(DEFAULTS.diskd_config);
  const { keysMode, keysFiles, readSocket } = loadConfig({
    flags: {},
    env: {},
    readText: () => text,
    uid: 0,
  });
  assert.equal(keysMode, "require");
  assert.deepEqual(keysFiles, ["/etc/diskd/key"]);
  assert.equal(readSocket, "/run/diskd/read.sock");
});

Deno.test("The role opens the port of diskd", () => {
  assert.equal(
    DEFAULTS.diskd_port,
    `{{ diskd_config.port | default(${BUILT_IN.port}) }}`,
  );
});

Deno.test("The key belongs to the user of the service, the configuration to root", () => {
  const [user] = directive("diskd.service", "User");
  const key = written("/etc/diskd/key");
  assert.deepEqual([key.owner, key.mode], [user, "0600"]);
  for (const path of ["/etc/diskd", "/etc/diskd/config.yaml"]) {
    assert.equal(written(path).owner, "root");
  }
  const hidden = TASKS.find((task) =>
    task["ansible.builtin.copy"]?.dest === "/etc/diskd/key"
  );
  assert.equal(hidden!.no_log, true);
});

Deno.test("The role has the binary and its files where the unit expects them", () => {
  const [download] = yaml(`${ROLE}/tasks/binary.yaml`) as {
    readonly loop: readonly { readonly file: string; readonly dest: string }[];
  }[];
  const files = Object.fromEntries(
    download!.loop.map(({ file, dest }) => [dest, file]),
  );
  assert.deepEqual(Object.keys(files), [
    BINARY,
    "/usr/lib/sysusers.d/diskd.conf",
    "/etc/systemd/system/diskd.service",
  ]);
  for (const file of Object.values(files).slice(1)) {
    assert.ok(Deno.statSync(join(PROJECT, "packaging", file)).isFile);
  }
  // Each names its own place in its first line.
  for (const [dest, file] of Object.entries(files).slice(1)) {
    const text = Deno.readTextFileSync(join(PROJECT, "packaging", file));
    assert.ok(text.split("\n")[0]!.includes(dest), file);
  }
});

Deno.test("Nothing is downloaded without a sum", () => {
  const used = [...Deno.readDirSync(join(FOLDER, ROLE, "tasks"))].flatMap((
    { name },
  ) => yaml(`${ROLE}/tasks/${name}`) as Task[]);
  const downloads = used.map((task) => task["ansible.builtin.get_url"])
    .filter((module) => module !== undefined);
  assert.equal(downloads.length, 1);
  assert.equal(downloads[0]!.checksum, "sha256:{{ diskd_sum }}");
});

Deno.test("The inventory has ten hosts in the group of the playbook", () => {
  const [play] = yaml("diskd.yaml") as [Record<string, unknown>];
  const inventory = yaml("inventory.yaml") as Record<string, { hosts: object }>;
  const [group] = Object.keys(inventory);
  assert.equal(play.hosts, group);
  assert.deepEqual(Object.keys(inventory[group!]!.hosts), [
    "host[01:10].example",
  ]);
});
