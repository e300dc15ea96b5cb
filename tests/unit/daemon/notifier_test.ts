import assert from "node:assert/strict";
import { MAX_SOCKET_PATH_BYTES } from "../../../src/control/limits.ts";
import { Notifier } from "../../../src/daemon/systemd.ts";

/** Notifies from beside `besides` and returns what arrived and what failed. */
async function notify(
  directory: string,
  besides: string,
): Promise<{ heard: string; failures: string[] }> {
  const path = `${directory}/notify`;
  const systemd = Deno.listenDatagram({ transport: "unixpacket", path });
  const failures: string[] = [];
  const notifier = new Notifier(
    { notifySocket: path, besides },
    (reason) => failures.push(reason),
  );
  await notifier.tell("READY=1");
  if (failures.length > 0) systemd.close();
  const [bytes] = failures.length > 0
    ? [new Uint8Array()]
    : await systemd.receive();
  if (failures.length === 0) systemd.close();
  return { heard: new TextDecoder().decode(bytes), failures };
}

const NAMES = ["control.sock", "diskd", "s", "7", "é"];

for (const name of NAMES) {
  Deno.test(`Notifier reaches systemd from beside the longest socket path that ends with ${name}`, async () => {
    const root = await Deno.makeTempDir({ prefix: "notify_" });
    const bytes = new TextEncoder().encode(name).length;
    const directory = `${root}/`.padEnd(MAX_SOCKET_PATH_BYTES - bytes - 1, "x");
    await Deno.mkdir(directory);
    // Those of a crash, under the names that would be taken first.
    const left = [`notify-${Deno.pid}`.slice(-bytes), "1"];
    for (const file of left) {
      await Deno.writeTextFile(`${directory}/${file}`, "");
    }
    assert.deepEqual(await notify(root, `${directory}/${name}`), {
      heard: "READY=1",
      failures: [],
    });
    const after = [...Deno.readDirSync(directory)].map(({ name }) => name);
    assert.deepEqual(after.sort(), [...new Set(left)].sort());
    await Deno.remove(root, { recursive: true });
  });
}
