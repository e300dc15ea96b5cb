import assert from "node:assert/strict";
import type { MountPoint } from "../../../src/probe/parse_findmnt.ts";
import {
  isStillFit,
  servedFolders,
} from "../../../src/mount/served_folders.ts";

/** A table of mounts, of `TARGET SOURCE` each. */
function table(...lines: readonly string[]): MountPoint[] {
  return lines.map((line) => {
    const [target = "", source = ""] = line.split(" ");
    const shown = { fstype: "", fsroot: "/", majMin: "0:1" };
    return { target, source, ...shown, options: ["rw"] };
  });
}

/** What is served where `/dev/sdb1` and `/dev/sdc1` may be shown. */
function served(...lines: readonly string[]) {
  const devices = new Set(["/dev/sdb1", "/dev/sdc1"]);
  return servedFolders(table("/ /dev/sda1", ...lines), devices);
}

Deno.test("servedFolders() shows the disks that may be shown, wherever they are mounted", () => {
  assert.deepEqual(
    served(
      "/run tmpfs",
      "/run/media/diskd/b /dev/sdb1",
      "/run/media/diskd/other /dev/sdd1",
      "/media/jo/c /dev/sdc1",
      "/data /dev/sdc1",
    ),
    {
      folders: ["/data", "/media/jo/c", "/run/media/diskd/b"],
      hidden: [],
    },
  );
});

Deno.test("servedFolders() shows nothing that the system lives in, whoever allowed the disk", () => {
  const folders = ["/", "/boot", "/boot/efi", "/etc", "/usr", "/usr/local"]
    .concat(["/var", "/var/lib/x", "/root", "/run/x", "/run/media", "/lib64"]);
  for (const folder of folders) {
    assert.deepEqual(
      served(`${folder} /dev/sdb1`),
      { folders: [], hidden: [] },
      folder,
    );
  }
  assert.deepEqual(
    served("/etcetera /dev/sdb1").folders,
    ["/etcetera"],
  );
});

Deno.test("servedFolders() hides what else is mounted within, to any depth", () => {
  assert.deepEqual(
    served(
      "/mnt/b /dev/sdb1",
      "/mnt/b/secret /dev/sdd1",
      "/mnt/b/secret/c /dev/sdc1",
      "/mnt/b/secret/d /dev/sde1",
      "/mnt/beside /dev/sdd1",
    ),
    {
      folders: ["/mnt/b", "/mnt/b/secret/c"],
      hidden: ["/mnt/b/secret", "/mnt/b/secret/d"],
    },
  );
});

Deno.test("servedFolders() does not take for a disk what is mounted over it", () => {
  assert.deepEqual(
    served("/mnt/b /dev/sdb1", "/mnt/b /dev/sdd1").folders,
    [],
  );
  assert.deepEqual(served("/mnt/b /dev/sdb1", "/mnt /dev/sdd1").folders, []);
  assert.deepEqual(
    served("/mnt/b /dev/sdb1", "/ /dev/sda1").folders,
    ["/mnt/b"],
  );
});

Deno.test("isStillFit() tells when something served is gone", () => {
  const served = { folders: ["/mnt/b"], hidden: [] };
  assert.ok(isStillFit(served, { folders: ["/mnt/a", "/mnt/b"], hidden: [] }));
  assert.ok(!isStillFit(served, { folders: ["/mnt/a"], hidden: [] }));
});

Deno.test("isStillFit() tells when something within has to be hidden that is not", () => {
  const served = { folders: ["/mnt/b"], hidden: ["/mnt/b/x"] };
  const hiding = (...hidden: string[]) => ({ folders: ["/mnt/b"], hidden });
  assert.ok(isStillFit(served, hiding("/mnt/b/x")));
  assert.ok(isStillFit(served, hiding()));
  assert.ok(isStillFit(served, hiding("/mnt/a/x")));
  assert.ok(!isStillFit(served, hiding("/mnt/b/x", "/mnt/b/y")));
});
