import assert from "node:assert/strict";
import deno from "../../../deno.json" with { type: "json" };
import {
  DOCTOR_PROGRAMS,
  MOUNT_PROGRAMS,
  MOUNT_VARIABLES,
} from "../../../src/daemon/drop_permissions.ts";

Deno.test("a daemon with root's default paths keeps only diskd's own directories", async () => {
  const left = await leftAfter([
    "/run/diskd/control.sock",
    "/var/lib/diskd",
    "/etc/diskd/config.yaml",
    "/run/systemd/notify",
  ]);
  assert.deepEqual(left, [
    "/run/diskd",
    "/run/systemd/notify",
    "/var/lib/diskd",
  ]);
});

Deno.test("a daemon of a user keeps what its paths are under, and nothing else", async () => {
  const left = await leftAfter([
    "/run/user/1000/diskd/control.sock",
    "/home/jo/.local/state/diskd",
    "/etc/diskd/config.yaml",
    "",
  ]);
  assert.deepEqual(left, [
    "/run/diskd",
    "/run/systemd/notify",
    "/var/lib/diskd",
    "/run",
    "/home",
  ]);
});

Deno.test("a directory whose name only begins alike is given back", async () => {
  const left = await leftAfter(["/homes/x", "/tmpfs", ""]);
  assert.equal(left.some((path) => path === "/home" || path === "/tmp"), false);
});

Deno.test("a daemon keeps the programs that look at disks, and gives back all others", async () => {
  const left = await run<string[]>(`
    dropPermissions([]);
    const state = (command) =>
      Deno.permissions.querySync({ name: "run", command }).state;
    print(granted.run.filter((path) => state(path) === "granted"));`);
  const names = new Set(left.map((path) => path.split("/").at(-1)));
  assert.deepEqual([...names], ["blkid", "lsblk", "findmnt", "udevadm"]);
  assert.equal(left.length, 16);
});

Deno.test("a daemon keeps no variable that is for programs that it may not run", async () => {
  const left = await run<string[]>(`
    dropPermissions([]);
    const state = (variable) =>
      Deno.permissions.querySync({ name: "env", variable }).state;
    print(granted.env.filter((name) => state(name) === "granted"));`);
  assert.deepEqual(
    left,
    deno.permissions.diskd.env.filter((name) =>
      !MOUNT_VARIABLES.includes(name)
    ),
  );
});

Deno.test("the binary may run what reaches other hosts or looks at the network, each program in the four places", () => {
  const granted: readonly string[] = deno.permissions.diskd.run;
  for (const program of [...MOUNT_PROGRAMS, ...DOCTOR_PROGRAMS]) {
    for (const place of ["/usr/sbin", "/sbin", "/usr/bin", "/bin"]) {
      assert.ok(granted.includes(`${place}/${program}`), `${place}/${program}`);
    }
  }
  for (const name of MOUNT_VARIABLES) {
    assert.ok(deno.permissions.diskd.env.includes(name), name);
  }
});

/** The paths that a process with the permissions of the binary may still write after the drop. */
function leftAfter(used: readonly string[]): Promise<string[]> {
  return run(`
    const state = (path) =>
      ["read", "write"].map((name) =>
        Deno.permissions.querySync({ name, path: path + "/x" }).state
      );
    dropPermissions(${JSON.stringify(used)});
    const left = granted.write.filter((path) => state(path).includes("granted"));
    if (left.some((path) => state(path).includes("prompt"))) throw "uneven";
    print(left);`);
}

/** Runs a script with the permissions of the binary, which are \`granted\` in it; what it prints. */
async function run<Printed>(script: string): Promise<Printed> {
  const root = new URL("../../../", import.meta.url).pathname;
  const module = `${root}src/daemon/drop_permissions.ts`;
  const file = Deno.makeTempFileSync({ suffix: ".ts" });
  try {
    Deno.writeTextFileSync(
      file,
      `import { dropPermissions } from ${JSON.stringify(module)};
      const granted = ${JSON.stringify(deno.permissions.diskd)};
      const print = (value) => console.log(JSON.stringify(value));
      ${script}`,
    );
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--no-prompt",
        `--config=${root}deno.json`,
        "-P=diskd",
        file,
      ],
      stdout: "piped",
      stderr: "piped",
    }).output();
    assert.equal(new TextDecoder().decode(stderr), "");
    return JSON.parse(new TextDecoder().decode(stdout));
  } finally {
    Deno.removeSync(file);
  }
}
