import assert from "node:assert/strict";
import fc from "fast-check";
import { askedBySsh } from "../../../src/mount/asked_by_ssh.ts";
import { remoteCommand } from "../../../src/mount/ssh.ts";

const UUID = "8261f666-2f3c-4b5e-9a0e-1d2c3b4a5f60";

Deno.test("askedBySsh() reads what diskd on another host asks for", () => {
  for (const verb of ["mount", "unmount"] as const) {
    for (const readOnly of verb === "mount" ? [false, true] : [false]) {
      const words = remoteCommand(
        { verb, uuid: UUID, readOnly },
        { sudo: false },
      );
      assert.deepEqual(
        askedBySsh(words.join(" ")),
        verb === "mount"
          ? { kind: "mount", uuid: UUID, readOnly }
          : { kind: "unmount", uuid: UUID },
      );
    }
  }
});

Deno.test("askedBySsh() reads what is to be located, and for how long", () => {
  for (const name of [UUID, "0x5000c500a1b2c3d4", "eui.0025_385b"]) {
    for (const forMs of [null, 90_000, 2_500]) {
      const words = remoteCommand(
        { verb: "locate", uuid: name, readOnly: false, forMs },
        { sudo: false },
      );
      const asked = { kind: "locate", name, forMs } as const;
      assert.deepEqual(askedBySsh(words.join(" ")), asked);
    }
  }
});

Deno.test("askedBySsh() takes every way in which sshd names sftp", () => {
  for (
    const command of [
      "internal-sftp",
      "internal-sftp -f AUTH -l INFO",
      "/usr/lib/openssh/sftp-server",
      "/usr/libexec/openssh/sftp-server -l INFO",
      "/usr/libexec/sftp-server",
    ]
  ) {
    assert.deepEqual(askedBySsh(command), { kind: "files" }, command);
  }
});

/** Each could be more than it seems. */
const REFUSED = [
  undefined,
  "",
  "sh",
  "diskd list",
  `diskd mount ${UUID} --json`,
  `diskd mount --here ${UUID}`,
  `diskd mount --here ${UUID} --json --dry-run`,
  `diskd mount --here ${UUID} --json --read-only`,
  `diskd mount --here ${UUID} --at /etc --json`,
  `diskd mount --here ${UUID} --read-only --read-only --json`,
  `diskd unmount --here ${UUID} --read-only --json`,
  `diskd mount --here --json --json`,
  `diskd mount --here -x --json`,
  `diskd mount --here ../etc --json`,
  `diskd mount --here ${"a".repeat(65)} --json`,
  `diskd mount --here ${UUID} --json; id`,
  `diskd mount --here ${UUID} --json\nid`,
  `diskd mount --here ${UUID} --json\n`,
  `diskd mount --here $(id) --json`,
  ` diskd mount --here ${UUID} --json`,
  `diskd  mount --here ${UUID} --json`,
  `/usr/bin/diskd mount --here ${UUID} --json`,
  `DISKD_CONFIG=/tmp/x diskd mount --here ${UUID} --json`,
  `diskd locate ${UUID} --json`,
  `diskd locate --here ${UUID}`,
  `diskd locate --here ${UUID} --for --json`,
  `diskd locate --here ${UUID} --for 0s --json`,
  `diskd locate --here ${UUID} --for 25h --json`,
  `diskd locate --here ${UUID} --for 1s --for 2s --json`,
  `diskd locate --here ${UUID} --json --for 1s`,
  `diskd locate --here ${UUID} --read-only --json`,
  `diskd locate --here ${UUID} --dry-run --json`,
  `diskd locate --here /dev/sda --json`,
  `diskd locate --here ../sda --json`,
  `diskd locate --here -x --json`,
  `diskd locate --here ${"a".repeat(129)} --json`,
  `diskd locate --here $(id) --json`,
  `diskd locate --here ${UUID} --json\n`,
  "internal-sftpd",
  "sftp-server",
  "/tmp/not-sftp-server",
  "/usr/lib/openssh/sftp-server;id",
  "scp -t /etc",
];

Deno.test("askedBySsh() takes nothing else", () => {
  for (const command of REFUSED) {
    assert.equal(askedBySsh(command), null, String(command));
  }
});

Deno.test("askedBySsh() gives nothing on that could be more than a UUID", () => {
  const pieces = [
    "diskd",
    "mount",
    "unmount",
    "locate",
    "--here",
    "--json",
    UUID,
  ]
    .concat(["--read-only", " ", ";", "\n", "-", "internal-sftp", "/", "$"]);
  const command = fc.array(fc.constantFrom(...pieces, " "))
    .map((words) => words.join(""));
  fc.assert(fc.property(command, (text) => {
    const asked = askedBySsh(text);
    if (asked === null || asked.kind === "files") return;
    const name = asked.kind === "locate" ? asked.name : asked.uuid;
    assert.match(name, /^[0-9A-Za-z][0-9A-Za-z-]{0,63}$/);
  }));
});
