import assert from "node:assert/strict";
import type { Announcement } from "../../src/codec/announcement.ts";
import { makeDisk } from "../../src/inventory/disk.ts";
import { inSteps } from "../support/lan.ts";
import { Daemon } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { inventedHost } from "../support/hostile_datagrams.ts";
import { HostileSite } from "../support/hostile_site.ts";
import { HOSTILE_TEXTS, rawText } from "../support/hostile_texts.ts";
import { needs } from "../support/needs.ts";
import { hasClients } from "../support/plug.ts";
import { Terminal } from "../support/terminal.ts";

const TEXTS = Object.values(HOSTILE_TEXTS);

/** What people look with; after each it must be over by itself. */
const COMMANDS = [
  ["list"],
  ["list", "--all"],
  ["hosts"],
  ["status"],
  ["localhost"],
  ["duplicates"],
  ["history"],
  ["ping"],
  ["export"],
  ["export", "--format", "csv"],
  ["export", "--format", "yaml"],
];

/** Not what it prints is at stake, but that a terminal is not driven by it: other exit codes than 0 are right too. */
const OPTIONS = ["list --json", "hosts --json", "history --json"];

Deno.test({
  ...needs("hostile texts are never shown raw, run or believed", {
    lan: true,
    programs: ["script", "socat"],
  }),
  async fn(t) {
    await using site = await HostileSite.start({ daemon: { quiet: false } });
    await site.bears(() => site.say(allSay(1, {})), {});
    await eventually(async () => {
      // Those that were lost are heard now.
      await site.say(allSay(1, {}));
      const rows = await site.daemon("alpha").call("hosts", {});
      assert.equal(rows.length, 2 + HOSTS, JSON.stringify(rows));
    });
    await inSteps(t, site, {
      "on a terminal": showsNothingRaw,
      "in a name that is looked for": findsNothingRaw,
      "while it is watched": watchesNothingRaw,
      "on the socket": saysNothingRaw,
      "in the log": logsNothingRaw,
    });
  },
});

/** As many as one address may have. */
const HOSTS = 16;
/** By then the events of an address are told again, one by one. */
const CALM_MS = 7_000;
const TOLD_MS = 1_000;
const MAX_TRIES = 8;

/** Each of these hosts has every text in some place, and together in all that a datagram has for one. */
function allSay(seq: number, changes: Partial<Announcement>): Uint8Array[] {
  return Array.from(
    { length: HOSTS },
    (_, i) => hostileHost(i, { seq, rev: seq, ...changes }),
  );
}

function hostileHost(
  number: number,
  changes: Partial<Announcement>,
): Uint8Array {
  const text = (at: number) => TEXTS[(number + at) % TEXTS.length]!;
  return inventedHost(number, {
    host: text(0),
    version: text(1),
    disks: [
      makeDisk({
        device: text(2),
        label: text(0),
        uuid: text(4),
        type: text(5),
        size: 1,
        mounts: [text(6), text(7)],
        mounts_ro: [text(6)],
        holders: [text(8)],
        partuuid: text(9),
        partlabel: text(10),
        uuid_sub: text(11),
        model: text(12),
        serial: text(13),
        wwn: text(14),
        tran: text(15),
      }),
      makeDisk({ device: `/dev/${number}`, label: text(0) }),
    ],
    ...changes,
  });
}

async function showsNothingRaw(site: HostileSite): Promise<void> {
  for (const words of COMMANDS) {
    assertNothingRaw(await onTerminal(site, words), words.join(" "));
  }
  const alpha = site.host("alpha");
  for (const words of OPTIONS) {
    const { stdout } = await alpha.run(["diskd", ...words.split(" ")]);
    assertNothingRaw(stdout, words);
    assert.ok(JSON.parse(stdout).length > HOSTS);
  }
}

async function findsNothingRaw(site: HostileSite): Promise<void> {
  for (const [what, text] of Object.entries(HOSTILE_TEXTS)) {
    const alpha = site.host("alpha");
    const { code, stdout, stderr } = await alpha.run([
      ...["diskd", "where", "--", text],
    ]);
    assertNothingRaw(stdout + stderr, what);
    // On several hosts, that is on mallory's; known to nobody else.
    assert.ok([0, 4, 5].includes(code), `${what}: ${code} ${stderr}`);
  }
}

async function watchesNothingRaw(site: HostileSite): Promise<void> {
  const alpha = site.host("alpha");
  let seq = 1;
  for (const options of [[], ["--json"]]) {
    await using terminal = Terminal.open(alpha, ["diskd", "watch", ...options]);
    await hasClients(site.daemon("alpha"), 1, { watching: 1 });
    // The events of an address have a budget.
    for (let tries = 0; !terminal.raw.includes("attached"); tries++) {
      assert.ok(tries < MAX_TRIES, terminal.raw);
      await new Promise((resolve) => setTimeout(resolve, CALM_MS));
      await site.say(allSay(++seq, { disks: [] }));
      await site.say(allSay(++seq, {}));
      await new Promise((resolve) => setTimeout(resolve, TOLD_MS));
    }
    assertNothingRaw(terminal.raw, "watch");
  }
}

/** As somebody with socat sees it. */
async function saysNothingRaw(site: HostileSite): Promise<void> {
  const daemon = site.daemon("alpha");
  const to = `UNIX-CONNECT:${daemon.socket}`;
  const input = [
    ...["list", "hosts", "status", "duplicates", "localhost"],
    ...TEXTS.map((text) => `where ${text.replaceAll(/[\r\n]/g, "")}`),
    ...["nonsense\x1b[2J", "quit", ""],
  ].join("\n");
  const { stdout } = await site.host("alpha").run(
    ["socat", "-t30", "STDIO", to],
    { input },
  );
  assert.match(stdout, /invented|\/dev\/7/);
  assertNothingRaw(stdout, "the socket");
}

async function logsNothingRaw(site: HostileSite): Promise<void> {
  const { log } = site.daemon("alpha").process;
  assert.match(log, /host-up/);
  assertNothingRaw(log, "the log");
  await site.stopDaemon("alpha", "SIGTERM");
  await using daemon = await Daemon.start(site.host("alpha"), {
    // It knows nobody.
    socket: "/run/second.sock",
    args: ["--log-format", "json", "--log-level", "debug"],
  });
  await site.say(allSay(1_000, {}));
  await daemon.process.waitForLog(/"device":"\/dev\/15"/);
  assertNothingRaw(daemon.process.log, "the log in JSON");
}

async function onTerminal(
  site: HostileSite,
  words: readonly string[],
): Promise<string> {
  const argv = ["diskd", ...words];
  await using terminal = Terminal.open(site.host("alpha"), argv);
  const { code } = await terminal.end();
  assert.equal(code, 0, terminal.text);
  return terminal.raw;
}

function assertNothingRaw(shown: string, what: string): void {
  assert.equal(rawText(shown), null, what);
}
