import assert from "node:assert/strict";
import { SYSTEM_PATH } from "../support/holder.ts";
import { freeLeftovers, imageName } from "../support/leftovers.ts";
import { needs } from "../support/needs.ts";
import { Process, runOrThrow } from "../support/process.ts";
import { remainders } from "../support/traces.ts";

const env = { PATH: SYSTEM_PATH };

Deno.test({
  ...needs("freeLeftovers() frees the loop devices of dead runs alone", {
    lan: true,
  }),
  async fn() {
    const folder = await Deno.makeTempDir();
    const left = await attach(folder, await deadPid());
    const ours = await attach(folder, Deno.pid);
    await Deno.remove(folder, { recursive: true });
    const images = [left.image, ours.image];
    const before = remainders({ pids: [], images });
    await freeLeftovers();
    const after = remainders({ pids: [], images });
    await runOrThrow(["losetup", "--detach", ours.device], { env });
    assert.deepEqual(before.images, images);
    assert.deepEqual(after.images, [ours.image]);
  },
});

async function deadPid(): Promise<number> {
  const process = new Process(["true"], { env });
  await process.outcome;
  return await process.pid();
}

/** Puts a loop device over an image named as if process `pid` had made it. */
async function attach(folder: string, pid: number) {
  const image = imageName(pid);
  const path = `${folder}/${image}`;
  await runOrThrow(["truncate", "-s", "1M", path], { env });
  const argv = ["losetup", "--find", "--show", path];
  const device = (await runOrThrow(argv, { env })).trim();
  return { device, image };
}
