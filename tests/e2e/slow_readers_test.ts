import assert from "node:assert/strict";
import {
  connectControl,
  type ControlClient,
} from "../../src/control/client.ts";
import { memoryOf } from "../bench/process_figures.ts";
import { Daemon, DEFAULT_SOCKET } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { type Host, lanTest } from "../support/lan.ts";
import { hasClients } from "../support/plug.ts";
import { ReplacedPrograms } from "../support/replaced_programs.ts";

/** Of alpha. All are mounted and unmounted again and again: the changes of other hosts have a budget. */
const DISKS = 1_000;
/** How many there are at least: more than may wait for who reads nothing. */
const EVENTS = 20_000;
const DEAF = 20;
/** 20 copies of all events would be 170. */
const MAX_GROWTH_MB = 60;
/** Between two changes. */
const CHANGE_MS = 1_000;
/** The first scan runs blkid a thousand times. */
const MAX_TRIES = 120;
/** It takes a second. */
const STOP_TIMEOUT_MS = 60_000;

const LOG = "/run/log";
const FILES = "/run/made-up";

lanTest({
  name: "who does not read costs diskd nothing",
  hosts: ["alpha"],
}, async ({ alpha }, t) => {
  await replacePrograms(alpha);
  await t.step("events", () => dropsWhoIsDeaf(alpha));
  await t.step("the log", () => losesWhatNobodyReads(alpha));
});

async function dropsWhoIsDeaf(alpha: Host): Promise<void> {
  await using daemon = await Daemon.start(alpha, {
    quiet: true,
    args: ["--no-history"],
  });
  const path = alpha.path(daemon.socket);
  await using reader = await Reader.start(path);
  const deaf = await Promise.all(
    Array.from({ length: DEAF }, () => startDeafWatch(path)),
  );
  await hasClients(daemon, 1 + DEAF);
  const pid = await daemon.process.pid();
  await reader.hears(1, alpha);
  const before = memoryOf(pid).resident;
  await reader.hears(EVENTS, alpha);
  const { clients } = await daemon.call("status", {});
  assert.equal(clients.dropped, DEAF);
  const growth = memoryOf(pid).resident - before;
  assert.ok(growth < MAX_GROWTH_MB, `it grew by ${growth} MB`);
  for (const conn of deaf) conn.close();
}

/** Somebody who reads all events as they come. */
class Reader implements AsyncDisposable {
  readonly #client: ControlClient;
  /** Settles at the end, with why the daemon ended it. */
  readonly #ended: Promise<unknown>;
  #failure: unknown = null;
  events = 0;

  private constructor(client: ControlClient) {
    this.#client = client;
    this.#ended = this.#read();
  }

  static async start(path: string): Promise<Reader> {
    return new Reader(await connectControl([path]));
  }

  /** Changes alpha's mounts until so many events have come. */
  async hears(events: number, alpha: Host): Promise<void> {
    while (this.events < events) {
      const before = this.events;
      await changeMounts(alpha);
      // All of them, or the next change might take this one back unseen.
      for (let tries = 0; this.events < before + DISKS; tries++) {
        assert.equal(this.#failure, null);
        assert.ok(tries < MAX_TRIES, `${before} of ${events}`);
        await alpha.run(["sh", "-c", `echo /dev/sd0 1<>${FILES}.poll`]);
        // Mounts that change all the time are looked at less and less often.
        await new Promise((resolve) => setTimeout(resolve, CHANGE_MS));
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.close();
    assert.equal(await this.#ended, null);
  }

  async #read(): Promise<unknown> {
    try {
      for await (const _event of this.#client.watch()) this.events++;
      return null;
    } catch (error) {
      this.#failure = error;
      return error;
    }
  }
}

async function startDeafWatch(path: string): Promise<Deno.UnixConn> {
  const conn = await Deno.connect({ transport: "unix", path });
  const request = '{"jsonrpc":"2.0","id":1,"method":"watch"}\n';
  await conn.write(new TextEncoder().encode(request));
  return conn;
}

/** Its standard error is a pipe that it holds open itself, so it is full at 64 KiB. */
async function losesWhatNobodyReads(alpha: Host): Promise<void> {
  const script = `mkfifo ${LOG}; exec diskd --daemon 2<>${LOG}`;
  await using process = alpha.spawn(["sh", "-c", script]);
  const socket = alpha.path(DEFAULT_SOCKET);
  await eventually(() => answers([socket]));
  await keepsFewLines(socket, alpha);
  // Nobody reads its last words.
  const { code } = await process.stop("SIGTERM", STOP_TIMEOUT_MS);
  assert.equal(code, 0);
}

async function keepsFewLines(socket: string, alpha: Host): Promise<void> {
  await using reader = await Reader.start(socket);
  await reader.hears(EVENTS, alpha);
  const { events } = reader;
  const text = await readUntil(alpha.path(LOG), / lines=\d+\n/);
  const lines = text.trimEnd().split("\n");
  const lost = Number(/log lines were lost.* lines=(\d+)$/m.exec(text)?.[1]);
  assert.match(lines[0]!, / (ready|attached|host-up) /);
  const logged = lines.length + lost;
  assert.ok(logged > events - DISKS, `${logged} of ${events}`);
  assert.ok(lines.length < events / 5, `${lines.length} lines were kept`);
  // Until the pipe is full again.
  await reader.hears(events + 4 * DISKS, alpha);
}

async function answers(socket: readonly string[]): Promise<void> {
  await using client = await connectControl(socket);
  await client.call("status", {});
}

async function readUntil(path: string, pattern: RegExp): Promise<string> {
  using file = await Deno.open(path);
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(64 * 1024);
  let text = "";
  while (!pattern.test(text)) {
    const count = await file.read(buffer);
    assert.notEqual(count, null, text);
    text += decoder.decode(buffer.subarray(0, count!), { stream: true });
  }
  return text;
}

/** Programs that tell of disks which are all mounted, or not. */
async function replacePrograms(alpha: Host): Promise<void> {
  const programs = new ReplacedPrograms(alpha);
  await Deno.writeTextFile(
    alpha.path(`${FILES}.lsblk`),
    JSON.stringify({
      blockdevices: Array.from({ length: DISKS }, (_, i) => ({
        name: `sd${i}`,
        kname: `sd${i}`,
        path: `/dev/sd${i}`,
        size: 1_000_000_000,
        type: "disk",
        mountpoints: [null],
      })),
    }),
  );
  await alpha.run(["mkfifo", `${FILES}.poll`]);
  await changeMounts(alpha);
  await programs.replace("lsblk", `exec cat ${FILES}.lsblk`);
  await programs.replace(
    "findmnt",
    `case "$*" in *poll*) exec cat <>${FILES}.poll;; esac; exec cat ${FILES}.findmnt`,
  );
  await programs.replace(
    "blkid",
    'for d; do :; done; echo "ID_FS_UUID_ENC=u-$d"; echo ID_FS_TYPE=ext4',
  );
}

/** Unmounts all if they are mounted, and mounts them otherwise. */
async function changeMounts(alpha: Host): Promise<void> {
  const path = alpha.path(`${FILES}.findmnt`);
  const isMounted = await Deno.readTextFile(path)
    .then((text) => text.includes("/mnt/"), () => false);
  const filesystems = Array.from({ length: DISKS }, (_, i) => ({
    target: `/mnt/${i}`,
    source: `/dev/sd${i}`,
    fstype: "ext4",
    options: "rw",
  }));
  const text = JSON.stringify({ filesystems: isMounted ? [] : filesystems });
  await Deno.writeTextFile(`${path}.new`, text);
  await Deno.rename(`${path}.new`, path);
}
