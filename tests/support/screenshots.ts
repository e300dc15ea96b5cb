/**
 * `deno task screenshots`: pictures of the page for the documents, from a LAN in
 * a box whose hosts show made-up drives. They go to docs/images/.
 */
import { Browser, startWeb } from "./browser.ts";
import { Daemon, SHORT_INTERVALS } from "./daemon.ts";
import { eventually } from "./eventually.ts";
import { type Host, Lan } from "./lan.ts";
import { CHROMIUM, whatIsLacking } from "./needs.ts";
import { PROJECT } from "./program.ts";
import { ReplacedPrograms } from "./replaced_programs.ts";
import { BACKUP, lsblkOf, SHOWN_HOSTS, type ShownDrive } from "./show_disks.ts";
import { importedRow, sightingRow } from "../unit/render/rows.ts";

const FOLDER = `${PROJECT}/docs/images`;
/** Where the page is open, and who fell silent. */
const [HERE, SILENT] = ["nas", "garage"];
const LSBLK_OUTPUT = "/run/lan/lsblk.json";
const DAY_MS = 86_400_000;

async function takeScreenshots(): Promise<void> {
  await using lan = await Lan.create({ hosts: Object.keys(SHOWN_HOSTS) });
  const daemons = new Map<string, Daemon>();
  for (const host of lan.hosts) {
    const programs = new ReplacedPrograms(host);
    await show(host, SHOWN_HOSTS[host.name]!);
    await programs.remove("blkid");
    await programs.remove("findmnt");
    await programs.replace("lsblk", `exec cat ${LSBLK_OUTPUT}`);
    daemons.set(host.name, await Daemon.start(host, { args: SHORT_INTERVALS }));
  }
  const here = daemons.get(HERE)!;
  await eventually(async () => {
    const rows = await here.call("hosts", {});
    if (rows.some(({ disks }) => disks === 0)) throw new Error("not all heard");
    if (rows.length < lan.hosts.length) throw new Error("not all heard");
  });
  await remember(here);
  await here.call("remark", {
    name: "backup-2019",
    note: "blue case, drawer 3",
    tags: ["offsite"],
  });
  await daemons.get(SILENT)!.process.kill("SIGKILL");
  await eventually(async () => {
    const rows = await here.call("hosts", {});
    if (!rows.some(({ state }) => state === "stale")) throw new Error("heard");
  }, { timeoutMs: 120_000 });
  const { address } = await startWeb(lan.host(HERE));
  await using browser = await Browser.start(lan.host(HERE));
  await Deno.mkdir(FOLDER, { recursive: true });
  await picture(browser, {
    name: "page-light",
    address,
    width: 1440,
    height: 780,
    colorScheme: "light",
  });
  await picture(browser, {
    name: "page-dark",
    address: `${address}disk/backup-2019`,
    width: 1440,
    height: 1100,
    colorScheme: "dark",
  });
  await picture(browser, {
    name: "page-phone",
    address: `${address}?q=backup-2019`,
    width: 360,
    height: 740,
    colorScheme: "light",
  });
}

/** Lets the host have these drives, as far as lsblk tells. */
async function show(host: Host, drives: readonly ShownDrive[]): Promise<void> {
  await Deno.writeTextFile(host.path(LSBLK_OUTPUT), lsblkOf(drives));
}

/** Where the backup was in the last months. */
async function remember(daemon: Daemon): Promise<void> {
  const [row] = await daemon.call("where", { name: "backup-2019" });
  const hosts = await daemon.call("hosts", {});
  const at = (days: number) =>
    new Date(Date.now() - days * DAY_MS).toISOString();
  const been = [
    ["nas", "/dev/sdd1", 96, 71],
    ["attic", "/dev/sdc1", 70.6, 44],
    ["nas", "/dev/sdd1", 37, 30],
    ["attic", "/dev/sdc1", 29.8, 9],
  ] as const;
  const rows = been.map(([host, device, from, until]) =>
    importedRow(sightingRow({
      ...row,
      host,
      hostId: hosts.find((one) => one.host === host)!.hostId,
      device,
      mounts: [],
      inUse: false,
      state: "detached",
      unplugged: true,
      from: at(from),
      until: at(until),
      seenAt: at(until),
    }))
  );
  const { uuid, label, serial, wwn, model, tran, size } = row!;
  const facts = { uuid, label, serial, wwn, model, tran, size };
  const drive = { model, serial, wwn, tran, size: BACKUP.size };
  await daemon.call("import", {
    rows: rows.map((one) => ({
      ...importedRow(sightingRow({ ...one, ...facts })),
      drives: [drive],
    })),
  });
}

interface Picture {
  readonly name: string;
  readonly address: string;
  readonly width: number;
  readonly height: number;
  readonly colorScheme: "light" | "dark";
}

async function picture(browser: Browser, wanted: Picture): Promise<void> {
  const { name, address, width, height, colorScheme } = wanted;
  const viewport = { width, height };
  await using tab = await browser.open({ viewport, colorScheme });
  await tab.page.goto(address, { waitUntil: "load" });
  await tab.page.getByText("backup-2019").filter({ visible: true }).first()
    .waitFor();
  await tab.drawn();
  await tab.evaluate("document.activeElement?.blur()");
  const path = `${FOLDER}/${name}.png`;
  await tab.page.screenshot({ path, animations: "disabled" });
  console.log(`${path}: ${(await Deno.stat(path)).size} bytes`);
}

if (import.meta.main) {
  const lacking = whatIsLacking({ lan: true, programs: [CHROMIUM] });
  if (lacking !== "") throw new Error(`No screenshots here: ${lacking}.`);
  await takeScreenshots();
}
