import assert from "node:assert/strict";

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

/** The paths that a process with the permissions of the binary may still write after the drop. */
async function leftAfter(used: readonly string[]): Promise<string[]> {
  const root = new URL("../../../", import.meta.url).pathname;
  const module = `${root}src/daemon/drop_permissions.ts`;
  const config = JSON.parse(Deno.readTextFileSync(`${root}deno.json`));
  const granted: string[] = config.permissions.diskd.write;
  const script = `
    import { dropPermissions } from ${JSON.stringify(module)};
    const granted = ${JSON.stringify(granted)};
    const state = (path) =>
      ["read", "write"].map((name) =>
        Deno.permissions.querySync({ name, path: path + "/x" }).state
      );
    dropPermissions(${JSON.stringify(used)});
    const left = granted.filter((path) => state(path).includes("granted"));
    if (left.some((path) => state(path).includes("prompt"))) throw "uneven";
    console.log(JSON.stringify(left));`;
  const file = Deno.makeTempFileSync({ suffix: ".ts" });
  try {
    Deno.writeTextFileSync(file, script);
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
