import assert from "node:assert/strict";
import {
  chooseOpenPlace,
  openFolder,
  removeOpenPlaces,
} from "../../../src/cli/mount.ts";
import { needs } from "../../support/needs.ts";
import { readMountPoints } from "../../../src/mount/mount_points.ts";
import { sourceOf } from "../../../src/mount/places.ts";
import { HOLDER, ScriptedCaller, UUID } from "../mount/remote_support.ts";

const ROOT = { uid: 0, env: {} };
const FOLDER = "/run/diskd-open";

async function choose(caller: ScriptedCaller, label: string | null) {
  const { system, uid, folders } = caller;
  const mounts = await readMountPoints(system);
  const source = sourceOf({ uuid: UUID, diskHost: HOLDER });
  const disk = { label, uuid: UUID };
  return chooseOpenPlace(disk, ROOT)({ source, mounts, uid, folders });
}

function withFolder(...names: string[]): ScriptedCaller {
  const caller = new ScriptedCaller();
  caller.folders.make(FOLDER);
  for (const name of names) caller.folders.make(`${FOLDER}/${name}`);
  return caller;
}

Deno.test("openFolder() is where the user's files go when the machine stops", () => {
  const env = { HOME: "/home/jo", XDG_RUNTIME_DIR: "/run/user/1000/" };
  assert.equal(openFolder({ uid: 0, env }), FOLDER);
  assert.equal(openFolder({ uid: 1000, env }), "/run/user/1000/diskd/open");
  assert.equal(
    openFolder({ uid: 1000, env: { HOME: "/home/jo" } }),
    "/home/jo/.local/state/diskd/open",
  );
  assert.throws(
    () => chooseOpenPlace({ label: null, uuid: UUID }, { uid: 1, env: {} }),
    { kind: "refused", message: /XDG_RUNTIME_DIR/ },
  );
});

Deno.test("chooseOpenPlace() makes its directory with those above it", async () => {
  const place = await choose(new ScriptedCaller(), "backup");
  assert.deepEqual(place, {
    path: `${FOLDER}/backup`,
    toMake: [FOLDER, `${FOLDER}/backup`],
    shown: null,
  });
  const again = await choose(withFolder("backup"), "backup");
  assert.deepEqual([again.path, again.toMake], [`${FOLDER}/backup`, []]);
});

Deno.test("chooseOpenPlace() leaves its folder for no label", async () => {
  const hostile = ["../../etc", "/etc", "..", "-oProxyCommand=x", "a\nb", ""];
  for (const label of hostile) {
    const { path } = await choose(withFolder(), label);
    assert.match(path, /^\/run\/diskd-open\/[^/.-][^/\n]*$/);
  }
});

Deno.test("chooseOpenPlace() finds where it is shown already", async () => {
  const caller = withFolder("backup");
  caller.show(`${FOLDER}/backup`, `diskd:${UUID}:beta`);
  const { path, toMake, shown } = await choose(caller, "backup");
  assert.deepEqual([path, toMake], [`${FOLDER}/backup`, []]);
  assert.equal(shown?.destination, "beta");
});

Deno.test("chooseOpenPlace() takes a longer name where another disk has the shorter", async () => {
  const caller = withFolder("backup");
  caller.show(`${FOLDER}/backup`, `diskd:${UUID}:gamma`);
  const { path, shown } = await choose(caller, "backup");
  assert.deepEqual([path, shown], [`${FOLDER}/backup-8261f666`, null]);
  caller.show(path, "diskd:AB12-CD34:gamma");
  await assert.rejects(choose(caller, "backup"), {
    kind: "refused",
    message: /are used by other disks$/,
  });
});

Deno.test("removeOpenPlaces() removes directories that are empty, of that disk alone", () => {
  const caller = withFolder("backup", "backup-8261f666", "photos");
  caller.folders.make(`${FOLDER}/backup-8261f666/file`);
  const disk = { label: "backup", uuid: UUID };
  removeOpenPlaces(disk, { ...ROOT, system: caller.system });
  const left = ["backup", "backup-8261f666", "photos"]
    .filter((name) => caller.folders.look(`${FOLDER}/${name}`) !== null);
  assert.deepEqual(left, ["backup-8261f666", "photos"]);
});

Deno.test({
  ...needs(
    "chooseOpenPlace() refuses a folder that another user can exchange",
    {
      root: true,
    },
  ),
  fn() {
    const runtime = Deno.makeTempDirSync();
    const user = { uid: 1000, env: { XDG_RUNTIME_DIR: runtime } };
    const disk = { label: "backup", uuid: UUID };
    chooseOpenPlace(disk, user);
    Deno.chownSync(runtime, 1000, 1000);
    chooseOpenPlace(disk, user);
    Deno.symlinkSync("/run", `${runtime}/diskd`);
    chooseOpenPlace(disk, user);
    Deno.chownSync(runtime, 1001, 1001);
    assert.throws(() => chooseOpenPlace(disk, user), {
      kind: "refused",
      message:
        `${runtime} belongs to user 1001, who could exchange what is at ${runtime}/diskd/open`,
    });
    Deno.removeSync(runtime, { recursive: true });
  },
});
