import assert from "node:assert/strict";
import { decode } from "fast-png";
import { checkCommands, checkOutcome } from "../support/check_outcome.ts";
import { Daemon } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { SYSTEM_PATH } from "../support/holder.ts";
import { type Host, lanTest } from "../support/lan.ts";
import { attachNew } from "../support/plug.ts";
import { runOrThrow } from "../support/process.ts";
import { codeInPng, codeInText } from "../support/read_code.ts";

lanTest({
  name:
    "diskd label prints a sticker on every host, also of a disk in a drawer",
  hosts: ["alpha", "beta"],
  programs: ["rsvg-convert"],
}, async ({ alpha, beta }, t) => {
  const label = `<&"'>\u202e\u05d0]]>`;
  const disk = await attachNew(alpha, { type: "ext4", label });
  const uuid = disk.uuid!;
  await using daemon = await Daemon.start(alpha);
  await using _other = await Daemon.start(beta);
  await eventually(() =>
    checkCommands(beta, [[["label", uuid], { stdout: new RegExp(uuid) }]])
  );
  await t.step("a picture, as a printer draws it", async () => {
    const { stdout, ...outcome } = await beta.run(
      ["diskd", "label", uuid, "--svg"],
    );
    checkOutcome({ stdout: "", ...outcome }, {}, "label --svg");
    const png = await drawn(stdout);
    assert.equal(codeInPng(png), uuid);
    checkMargin(png);
  });
  await t.step("half blocks", () => readsBlocks(beta, uuid));
  await alpha.detach(disk);
  await daemon.call("refresh", {});
  await t.step("in a drawer", async () => {
    await eventually(() =>
      checkCommands(beta, [[["where", uuid], {
        code: 4,
        stdout: /is unplugged/,
      }]])
    );
    await readsBlocks(beta, uuid);
  });
  await t.step("a copy", async () => {
    for (const host of [alpha, beta]) {
      await attachNew(host, { type: "ext4", label: "twin", uuid: COPY });
    }
    await eventually(() =>
      checkCommands(alpha, [["label twin", {
        code: 5,
        stderr: /Choose one: --host alpha, or --host beta\n/,
      }], ["label twin --host beta", { stdout: new RegExp(COPY) }]])
    );
  });
});

const COPY = "11111111-2222-4333-8444-555555555555";

/** At the resolution of label printers. */
async function drawn(svg: string): Promise<Uint8Array> {
  const path = await Deno.makeTempFile({ suffix: ".png" });
  try {
    const dpi = ["--dpi-x", "300", "--dpi-y", "300"];
    await runOrThrow(["rsvg-convert", ...dpi, "-o", path], {
      input: svg,
      env: { PATH: SYSTEM_PATH },
    });
    return await Deno.readFile(path);
  } finally {
    await Deno.remove(path);
  }
}

/** 62 by 29 mm, and nothing of the text is cut off at the right. */
function checkMargin(png: Uint8Array): void {
  const { width, height, data } = decode(png);
  assert.deepEqual([width, height].map((dots) => Math.round(dots / 11.81)), [
    62,
    29,
  ]);
  for (let y = 0; y < height; y++) {
    for (let x = width - 6; x < width; x++) {
      assert.equal(data[4 * (y * width + x)], 255, `${x} ${y} is not white`);
    }
  }
}

async function readsBlocks(host: Host, uuid: string): Promise<void> {
  const { stdout } = await host.run(["diskd", "label", uuid], {
    env: { LANG: "C.UTF-8" },
  });
  const [, code = ""] = stdout.split("\n\n");
  assert.equal(codeInText(code, { on: "paper" }), uuid);
}
