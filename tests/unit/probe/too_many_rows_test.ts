import assert from "node:assert/strict";
import { assemble } from "../../../src/probe/assemble.ts";
import { bareDevice, type Device } from "../../../src/probe/device.ts";
import { UNKNOWN_MOUNTS } from "../../../src/probe/mounts.ts";
import { NO_SIGNATURE } from "../../../src/probe/parse_blkid.ts";

const DRIVES = 100;
const VOLUMES = 60;
const MEMBER = { ...NO_SIGNATURE, type: "LVM2_member" };
const VOLUME = { ...NO_SIGNATURE, type: "ext4" };

Deno.test("assemble() keeps every drive and member of a host with too many volumes", () => {
  const listed = Array.from({ length: DRIVES }, (_, i) => member(i)).flat();
  const known = listed.map((device) => {
    const of = device.kind === "lvm" ? VOLUME : MEMBER;
    const signature = { ...of, uuid: `uuid of ${device.path}` };
    const reading = { kind: "read", signature, usage: null } as const;
    return { device, reading, signature, slowness: null };
  });
  const { disks, problems } = assemble(known, {
    mounts: UNKNOWN_MOUNTS,
    listed,
    slotOf: () => null,
  });
  assert.equal(disks?.length, 4096);
  const members = disks.filter(({ kind }) => kind === "disk");
  assert.equal(members.length, DRIVES);
  assert.ok(members.every(({ inUse }) => inUse));
  assert.equal(problems.length, 1);
  assert.match(problems[0]!, /has 6100 block devices .*: 2004 of them/);
});

/** A drive that is a member of LVM, and its volumes, as lsblk lists them. */
function member(i: number): Device[] {
  const drive = { ...bareDevice(`/dev/sd${i}`), kind: "disk" };
  const volumes = Array.from({ length: VOLUMES }, (_, j) => ({
    ...bareDevice(`/dev/mapper/vg${i}-lv${j}`),
    kname: `dm-${i * VOLUMES + j}`,
    kind: "lvm",
    parents: [drive.kname],
  }));
  return [drive, ...volumes];
}
