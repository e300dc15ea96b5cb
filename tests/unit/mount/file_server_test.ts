import assert from "node:assert/strict";
import { fileServerArgv, passwdOf } from "../../../src/mount/serve_files.ts";

const SERVER = {
  server: "/usr/lib/openssh/sftp-server",
  passwd: "/tmp/diskd-1",
  isRoot: true,
  folders: ["/mnt/b", "/mnt/b/secret/c"],
  hidden: ["/mnt/b/secret"],
};

Deno.test("fileServerArgv() shows the folders from above to below, hides what is between, and nothing stays writable beside them", () => {
  const argv = fileServerArgv(SERVER);
  const text = argv.join(" ");
  assert.equal(argv[0], "bwrap");
  assert.ok(
    text.includes(
      "--bind-try /mnt/b /mnt/b --tmpfs /mnt/b/secret " +
        "--bind-try /mnt/b/secret/c /mnt/b/secret/c " +
        "--remount-ro /mnt/b/secret --remount-ro /",
    ),
    text,
  );
  assert.deepEqual(argv.slice(-2), ["--", SERVER.server]);
});

Deno.test("fileServerArgv() gives no way out, and root no more than it needs for files", () => {
  const words = (isRoot: boolean) => fileServerArgv({ ...SERVER, isRoot });
  for (const isRoot of [true, false]) {
    for (const what of ["net", "pid", "ipc", "uts"]) {
      assert.ok(words(isRoot).includes(`--unshare-${what}`));
    }
    const drop = words(isRoot).indexOf("--cap-drop");
    assert.equal(words(isRoot)[drop + 1], "ALL");
  }
  const added = words(true).filter((word) => word.startsWith("CAP_"));
  assert.deepEqual(added, [
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_DAC_READ_SEARCH",
    "CAP_FOWNER",
    "CAP_FSETID",
  ]);
  assert.ok(!words(false).includes("--cap-add"));
});

Deno.test("passwdOf() is a line of passwd(5)", () => {
  assert.match(passwdOf(1000), /^\w+:x:1000:\d+:[^:\n]*:[^:\n]*:[^:\n]*\n$/);
});
