import assert from "node:assert/strict";
import {
  fileServerArgv,
  passwdOf,
  readChildPid,
} from "../../../src/mount/jail.ts";

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

/** The words of both jails, and of unshare between them. */
function stages(isRoot: boolean): string[][] {
  const words = [...fileServerArgv({ ...SERVER, isRoot })];
  const first = words.indexOf("--");
  const second = words.indexOf("--", first + 1);
  return [
    words.slice(0, first),
    words.slice(first + 1, second),
    words.slice(second + 1),
  ];
}

Deno.test("fileServerArgv() gives no way out, and root no more than it needs for files", () => {
  const files = ["CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID"]
    .map((name) => `CAP_${name}`);
  for (const isRoot of [true, false]) {
    const [outer = [], , inner = []] = stages(isRoot);
    for (const what of ["net", "ipc", "uts"]) {
      assert.ok(outer.includes(`--unshare-${what}`));
    }
    assert.ok(outer.includes("--as-pid-1"));
    for (const words of [outer, inner]) {
      assert.ok(words.includes("--unshare-pid"));
      assert.equal(words[words.indexOf("--cap-drop") + 1], "ALL");
      assert.ok(words.includes("--die-with-parent"));
    }
    const added = (words: string[]) =>
      words.filter((word) => word.startsWith("CAP_"));
    assert.deepEqual(added(outer), isRoot ? [...files, "CAP_SYS_ADMIN"] : []);
    assert.deepEqual(added(inner), isRoot ? files : []);
  }
});

Deno.test("fileServerArgv() shows programs and /proc to the outer jail alone, and makes its mounts private", () => {
  for (const isRoot of [true, false]) {
    const [outer = [], between = [], inner = []] = stages(isRoot);
    assert.deepEqual(
      between.filter((word) =>
        !["--user", "--map-current-user"].includes(word)
      ),
      ["unshare", "--mount", "--propagation", "private"],
    );
    assert.equal(between.includes("--user"), !isRoot);
    for (const path of ["/proc", "/usr/bin", "/bin"]) {
      assert.ok(outer.includes(path));
      assert.ok(!inner.includes(path));
    }
  }
});

Deno.test("readChildPid() reads what bwrap writes, and nothing else", () => {
  assert.equal(readChildPid('{\n    "child-pid": 4711,\n    "mnt"'), 4711);
  assert.equal(readChildPid(""), null);
});

Deno.test("passwdOf() is a line of passwd(5)", () => {
  assert.match(passwdOf(1000), /^\w+:x:1000:\d+:[^:\n]*:[^:\n]*:[^:\n]*\n$/);
});
