import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { load } from "js-yaml";
import { loadConfig } from "../../../src/config/load_config.ts";
import { PROJECT } from "../../support/program.ts";
import { directive } from "./unit_directives.ts";

const FOLDER = join(PROJECT, "packaging/docker");
const DOCKERFILE = Deno.readTextFileSync(join(FOLDER, "Dockerfile"));
const COMPOSE = load(Deno.readTextFileSync(join(FOLDER, "compose.yaml"))) as {
  readonly services: { readonly diskd: Readonly<Record<string, unknown>> };
  readonly volumes: Readonly<Record<string, unknown>>;
};
const SERVICE = COMPOSE.services.diskd;
const CONFIG = loadConfig({
  flags: {},
  env: {},
  readText: () => null,
  uid: 0,
});

Deno.test("The container keeps the state, and has a place for the sockets", () => {
  assert.deepEqual(SERVICE.volumes, [
    "/dev:/dev:ro",
    "/run/udev:/run/udev:ro",
    "/etc/diskd:/etc/diskd:ro",
    `state:${CONFIG.stateDir}`,
  ]);
  assert.deepEqual(Object.keys(COMPOSE.volumes), ["state"]);
  assert.match(DOCKERFILE, new RegExp(`^VOLUME ${CONFIG.stateDir}$`, "m"));
  assert.deepEqual(SERVICE.tmpfs, [`${dirname(CONFIG.socket!)}:mode=0755`]);
});

Deno.test("The container sees the network, the mounts and the name of its host", () => {
  const { network_mode, pid, uts } = SERVICE;
  assert.deepEqual([network_mode, pid, uts], ["host", "host", "host"]);
});

Deno.test("The container may do no more than the service of systemd", () => {
  const [allowed] = directive("diskd.service", "DeviceAllow");
  assert.equal(allowed, "block-* r");
  assert.deepEqual(SERVICE.device_cgroup_rules, ["b *:* r"]);
  assert.equal(SERVICE.privileged, undefined);
  assert.deepEqual(SERVICE.cap_drop, ["ALL"]);
  assert.deepEqual(
    (SERVICE.cap_add as string[]).map((name) => `CAP_${name}`),
    directive("diskd.service", "CapabilityBoundingSet"),
  );
  assert.deepEqual(SERVICE.security_opt, ["no-new-privileges:true"]);
  assert.equal(SERVICE.read_only, true);
});

Deno.test("The container has the limits of the service of systemd", () => {
  const { mem_limit, pids_limit, ulimits } = SERVICE;
  const { nofile, core } = ulimits as { nofile: number; core: number };
  assert.deepEqual(
    [[String(mem_limit).toUpperCase()], [`${pids_limit}`], [`${nofile}`], [
      `${core}`,
    ]],
    ["MemoryMax", "TasksMax", "LimitNOFILE", "LimitCORE"]
      .map((name) => directive("diskd.service", name)),
  );
});

Deno.test("The image has the binary where diskd and its packages have it, and its programs", () => {
  assert.match(DOCKERFILE, /^COPY --chmod=755 diskd \/usr\/bin\/diskd$/m);
  assert.match(DOCKERFILE, /^ENTRYPOINT \["\/usr\/bin\/diskd"\]$/m);
  assert.match(DOCKERFILE, /^CMD \["--daemon"\]$/m);
  const [, packages] = /--no-install-recommends (.*) \\$/m.exec(DOCKERFILE)!;
  assert.deepEqual(packages!.split(" "), ["libgcc-s1", "udev", "util-linux"]);
});
