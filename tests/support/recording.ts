/**
 * `deno task recording`: `diskd list --watch` on a terminal of the LAN in a box
 * while a disk moves from one host to another, as an animated SVG in
 * docs/images/. The program, its daemons, their network and the times are real;
 * the drives are made up, as in the pictures of the page.
 */
import { Daemon, SHORT_INTERVALS } from "./daemon.ts";
import { eventually } from "./eventually.ts";
import { type Host, Lan } from "./lan.ts";
import { whatIsLacking } from "./needs.ts";
import { PROJECT } from "./program.ts";
import { drawRecording, type Frame } from "./recording_svg.ts";
import { ReplacedPrograms } from "./replaced_programs.ts";
import { BACKUP, lsblkOf, SHOWN_HOSTS, type ShownDrive } from "./show_disks.ts";
import { Terminal } from "./terminal.ts";

const FILE = `${PROJECT}/docs/images/list-watch.svg`;
/** Who watches, where the disk is first, and where it goes. */
const [WATCHER, FROM, TO] = ["nas", "desk", "attic"] as const;
const COMMAND = ["diskd", "list", "--watch", "--all"];
const LSBLK_OUTPUT = "/run/lan/lsblk.json";
const SIZE = { columns: 78, rows: 24 };

const LOOK_MS = 50;
/** For reading what a step brought. */
const READING_MS = 3_000;

async function record(): Promise<void> {
  await using lan = await Lan.create({ hosts: [WATCHER, FROM, TO] });
  for (const host of lan.hosts) {
    const programs = new ReplacedPrograms(host);
    await show(host, drivesOf(host.name));
    await programs.remove("blkid");
    await programs.remove("findmnt");
    await programs.replace("lsblk", `exec cat ${LSBLK_OUTPUT}`);
  }
  const daemons = await Promise.all(
    lan.hosts.map((host) => Daemon.start(host, { args: SHORT_INTERVALS })),
  );
  await eventually(async () => {
    const rows = await daemons[0]!.call("hosts", {});
    const heard = rows.filter(({ disks }) => disks > 0);
    if (heard.length < lan.hosts.length) throw new Error("not all heard");
  });
  const { frames, lengthMs } = await film(lan);
  await Deno.writeTextFile(
    FILE,
    drawRecording({
      title: `root@${WATCHER}: ${COMMAND.join(" ")}`,
      description:
        `A table of the disks of three hosts on ${WATCHER}. ${BACKUP_NAME} stands under ${FROM}, is then shown as unplugged, and stands under ${TO} as soon as it is plugged in there.`,
      columns: SIZE.columns,
      frames,
      lengthMs,
      still: frames.findLastIndex(({ caption }) => caption === PULLED),
    }),
  );
  console.log(`${FILE}: ${(await Deno.stat(FILE)).size} bytes`);
}

const BACKUP_NAME = BACKUP.volumes[0]!.label!;
const PULLED = `Somebody pulls ${BACKUP_NAME} out of ${FROM} ...`;

async function film(lan: Lan): Promise<Camera> {
  const watcher = lan.host(WATCHER);
  await using terminal = Terminal.open(watcher, COMMAND, SIZE);
  await terminal.shows(new RegExp(BACKUP_NAME));
  const camera = new Camera(terminal);
  await camera.roll(`${WATCHER} watches the disks of all hosts.`);
  await show(lan.host(FROM), drivesOf(FROM).filter((one) => one !== BACKUP));
  await camera.roll(PULLED, {
    until: new RegExp(`${BACKUP_NAME} .*unplugged`),
  });
  await show(lan.host(TO), [...drivesOf(TO), BACKUP]);
  await camera.roll(`... and plugs it into ${TO}.`, {
    until: new RegExp(`${BACKUP_NAME} (?!.*unplugged)`),
  });
  camera.stop();
  await terminal.type("q");
  await terminal.end();
  return camera;
}

class Camera {
  readonly #terminal: Terminal;
  readonly #startedAt = performance.now();
  #stoppedAt: number | null = null;
  readonly frames: Frame[] = [];

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** To a tenth of a second. */
  get lengthMs(): number {
    const end = this.#stoppedAt ?? performance.now();
    return Math.round((end - this.#startedAt) / 100) * 100;
  }

  stop(): void {
    this.#stoppedAt = performance.now();
  }

  /** Films until the terminal shows that, and then for as long as reading it takes. */
  async roll(
    caption: string,
    { until = /./ }: { readonly until?: RegExp } = {},
  ): Promise<void> {
    await eventually(() => {
      if (!until.test(this.#shoot(caption))) throw new Error(`No ${until}`);
    }, { pauseMs: LOOK_MS });
    const end = performance.now() + READING_MS;
    while (performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      this.#shoot(caption);
    }
  }

  /** Keeps what is on the screen if it is new, and gives it. */
  #shoot(caption: string): string {
    const screen = screenOf(this.#terminal.raw);
    const lines = screen.split("\n");
    const last = this.frames.at(-1);
    const isNew = last === undefined || last.caption !== caption ||
      last.lines.join("\n") !== screen;
    const atMs = this.frames.length === 0 ? 0 : this.lengthMs;
    if (isNew) {
      // A frame of no length would never be seen.
      if (last?.atMs === atMs) this.frames.pop();
      this.frames.push({ atMs, lines, caption });
    }
    return screen;
  }
}

const [HOME, ERASE_BELOW] = ["\x1b[H", "\x1b[J"];
const ERASE_REST_OF_LINE = "\x1b[K";

/** The last drawing that is whole, with its colours: see src/render/screen.ts. */
function screenOf(raw: string): string {
  const end = raw.lastIndexOf(ERASE_BELOW);
  const start = raw.lastIndexOf(HOME, end) + HOME.length;
  return raw.slice(start, end).replaceAll(ERASE_REST_OF_LINE, "")
    .replaceAll("\r", "");
}

/**
 * Without those that are always mounted, as this is about disks that move; the
 * last one is pulled, so that no other gets its device.
 */
function drivesOf(host: string): ShownDrive[] {
  const drives = SHOWN_HOSTS[host]!.filter(({ tran }) => tran !== "nvme");
  const others = drives.filter((one) => one !== BACKUP);
  return others.length < drives.length ? [...others, BACKUP] : others;
}

/** Lets the host have these drives, as far as lsblk tells. */
async function show(host: Host, drives: readonly ShownDrive[]): Promise<void> {
  const path = host.path(LSBLK_OUTPUT);
  await Deno.writeTextFile(`${path}.new`, lsblkOf(drives));
  await Deno.rename(`${path}.new`, path);
}

if (import.meta.main) {
  const lacking = whatIsLacking({ lan: true, programs: ["script"] });
  if (lacking !== "") throw new Error(`No recording here: ${lacking}.`);
  await record();
}
