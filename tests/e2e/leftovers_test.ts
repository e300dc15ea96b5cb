import assert from "node:assert/strict";
import { eventually } from "../support/eventually.ts";
import { SYSTEM_PATH } from "../support/holder.ts";
import { freeLeftovers, imageName, remainders } from "../support/leftovers.ts";
import { needs } from "../support/needs.ts";
import { runOrThrow } from "../support/process.ts";

const env = { PATH: SYSTEM_PATH };

/** Above `PID_MAX_LIMIT` of linux/threads.h, so nobody ever has it. */
const NO_PID = 2 ** 22 + 1;

Deno.test({
  ...needs("freeLeftovers() frees the loop devices of dead runs alone", {
    lan: true,
  }),
  async fn() {
    const folder = await Deno.makeTempDir();
    const left = await attach(folder, NO_PID);
    const ours = await attach(folder, Deno.pid);
    await Deno.remove(folder, { recursive: true });
    const images = [left.image, ours.image];
    const before = remainders({ pids: [], images });
    await freeLeftovers();
    // Whoever looks at all devices just now holds one open for a moment.
    try {
      await eventually(() =>
        assert.deepEqual(remainders({ pids: [], images }).images, [ours.image])
      );
    } finally {
      await runOrThrow(["losetup", "--detach", ours.device], { env });
    }
    assert.deepEqual(before.images, images);
  },
});

/** Puts a loop device over an image named as if process `pid` had made it. */
async function attach(folder: string, pid: number) {
  const image = imageName(pid);
  const path = `${folder}/${image}`;
  await runOrThrow(["truncate", "-s", "1M", path], { env });
  const argv = ["losetup", "--find", "--show", path];
  const device = (await runOrThrow(argv, { env })).trim();
  return { device, image };
}
