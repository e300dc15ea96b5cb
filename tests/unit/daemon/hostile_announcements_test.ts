import assert from "node:assert/strict";
import type { Config } from "../../../src/config/settings.ts";
import {
  connectControl,
  type ControlClient,
} from "../../../src/control/client.ts";
import { startTasks, stopTasks } from "../../../src/daemon/tasks.ts";
import { makeDisk } from "../../../src/inventory/disk.ts";
import { denoSystem } from "../../../src/system/deno_system.ts";
import type { System } from "../../../src/system/system.ts";
import { openMulticast } from "../../../src/transport/multicast.ts";
import { eventually } from "../../support/eventually.ts";
import { inventedHost } from "../../support/hostile_datagrams.ts";
import { HOSTILE_TEXTS } from "../../support/hostile_texts.ts";
import { LOOPBACK } from "../../support/loopback.ts";
import { exited } from "../../support/scripted_system.ts";
import { composed } from "./composed.ts";

/** In every text that comes from outside, so that it is found wherever it goes. */
const MARK = "MARK";
const TEXTS = Object.values(HOSTILE_TEXTS).map((text) => `${text}${MARK}`);
const OWN_DEVICE = "/dev/sda1";

/** Where all that comes from outside ends, as far as the system sees it. */
interface Seen {
  /** Programs with their arguments. */
  readonly run: string[];
  /** Files that were looked at. */
  readonly files: string[];
}

Deno.test("no text from the LAN, off a disk or from the socket is passed to a program, or made part of a path", async () => {
  const seen: Seen = { run: [], files: [] };
  using run = await composed({ interface: ["lo"] }, recording(seen));
  const { config, daemon } = run;
  try {
    await startTasks(daemon.tasks);
    const client = await connectControl([config.socket]);
    try {
      await sayAll(config);
      await isListed(client);
      await askForAll(client);
    } finally {
      await client.close();
    }
  } finally {
    await stopTasks(daemon.tasks, assert.fail);
  }
  assert.ok(seen.run.includes(`blkid -p -o udev ${OWN_DEVICE}`));
  for (const what of [...seen.run, ...seen.files]) {
    assert.ok(!what.includes(MARK), what);
  }
  const programs = new Set(seen.run.map((line) => line.split(" ", 1)[0]));
  assert.deepEqual(programs, new Set(["lsblk", "findmnt", "blkid", "udevadm"]));
});

/** A host with one disk, whose label is as hostile as any other. */
function recording(seen: Seen): System {
  const real = denoSystem();
  const label = `ID_FS_LABEL_ENC=$(reboot)${MARK}\nID_FS_UUID_ENC=${MARK}\n`;
  const printed: Readonly<Record<string, string>> = {
    lsblk: JSON.stringify({
      blockdevices: [{
        name: "sda1",
        path: OWN_DEVICE,
        label: `-rf ${MARK}`,
        model: `;reboot ${MARK}`,
        mountpoints: [`/mnt/$(reboot) ${MARK}`],
      }],
    }),
    findmnt: JSON.stringify({
      filesystems: [{ target: `/mnt/${MARK}`, options: `ro,${MARK}` }],
    }),
    blkid: label,
  };
  const note = (program: string, args: readonly string[]) =>
    seen.run.push([program, ...args].join(" "));
  return {
    ...real,
    run(program, args) {
      note(program, args);
      return Promise.resolve(exited({ stdout: printed[program] ?? "" }));
    },
    follow(program, args) {
      note(program, args);
      return {
        ended: Promise.resolve({ kind: "missing" }),
        stop: () => Promise.resolve(),
      };
    },
    exists(path) {
      seen.files.push(path);
      return real.exists(path);
    },
    readText(path) {
      seen.files.push(path);
      return real.readText(path);
    },
    interfaces: () => [LOOPBACK],
  };
}

async function sayAll(config: Config): Promise<void> {
  const multicast = openMulticast(config, () => {});
  await multicast.use([LOOPBACK]);
  const disks = TEXTS.map((text) =>
    makeDisk({
      device: text,
      label: text,
      uuid: text,
      mounts: [text],
      holders: [text],
      model: text,
      serial: text,
    })
  );
  for (const [i, host] of TEXTS.entries()) {
    const bytes = inventedHost(i, { host, disks: [disks[i]!], ask: true });
    multicast.send([bytes]);
  }
  await multicast.close();
}

async function isListed(client: ControlClient): Promise<void> {
  await eventually(async () => {
    const rows = await client.call("list", {});
    const texts = rows.map(({ label }) => label);
    assert.ok(texts.filter((label) => TEXTS.includes(label ?? "")).length > 9);
  });
}

/** All that somebody may type, with each of these texts for a name. */
async function askForAll(client: ControlClient): Promise<void> {
  for (const name of TEXTS) {
    await client.call("where", { name });
    await client.call("history", { name });
    await client.call("history", { host: name });
    // A name that is a host's and a disk's is refused.
    await client.call("forget", { name, dryRun: true }).catch(() => {});
  }
  await client.call("duplicates", {});
  await client.call("announce", {});
  await client.call("refresh", {});
}
