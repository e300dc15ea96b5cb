/**
 * `deno task demo`: what diskd is for, in a few seconds. Three hosts in the LAN
 * in a box, the real program on each, and a disk that moves from one to another.
 * What is shown under a prompt is what the command printed, and nothing else.
 */
import { type DiskOptions, type Host, Lan, type LoopDisk } from "./lan.ts";
import { whatIsLacking } from "./needs.ts";
import type { Process } from "./process.ts";

/** The disk that moves. */
const BACKUP = "backup-2019";

const GB = 1024;
const TB = 1024 * GB;

/** The images are sparse: all of them take less than 100 MB of memory. */
const DISKS: Readonly<Record<string, readonly DiskOptions[]>> = {
  alpha: [{ type: "ext4", label: "system", sizeMb: 64 * GB }],
  beta: [
    { type: "btrfs", label: "photos", sizeMb: TB },
    { type: "swap", sizeMb: 8 * GB },
  ],
  gamma: [
    { type: "ext4", label: BACKUP, sizeMb: 4 * TB },
    { type: "vfat", label: "CAMERA", sizeMb: 8 * GB },
  ],
};

/** The default is a minute: too long for a demo. */
const DAEMON = ["diskd", "--daemon", "--scan-interval", "1s"];

/** Everything below happens in a second or two. */
const PATIENCE_MS = 20_000;

async function demo(): Promise<void> {
  await using lan = await Lan.create({ hosts: Object.keys(DISKS) });
  const [alpha, beta] = [lan.host("alpha"), lan.host("beta")];
  const backup = await plugInDisks(lan);

  say(
    "Three hosts on one LAN, each with disks of its own. On each the same",
    "command runs, and nothing was configured. (A second between two looks at",
    "the disks keeps this short, because nothing here tells of new disks.)",
  );
  const daemon = await startDaemons(lan);

  say("Whoever sits at alpha sees every disk on the LAN:");
  await type(alpha, ["diskd", "list"]);
  say("And where is the backup of 2019?");
  await type(alpha, ["diskd", "where", BACKUP]);

  await backup.detach();
  await daemon.waitForLog(event("detached", "gamma"), PATIENCE_MS);
  say("Now somebody pulls that disk out of gamma, and alpha is asked again:");
  const code = await type(alpha, ["diskd", "where", BACKUP]);
  say(`That was exit code ${code}, for scripts: known, but not attached now.`);

  await backup.attachTo(beta);
  await daemon.waitForLog(event("moved", "beta"), PATIENCE_MS);
  say("Then it is plugged into beta:");
  await type(alpha, ["diskd", "where", BACKUP]);
  await type(alpha, ["diskd", "list"]);

  say(
    "The hosts were network namespaces, the disks filesystems on loop devices.",
    "They are gone now. On your own LAN: copy the one binary to each host, and",
    "run diskd --daemon there.",
  );
}

/** Returns the disk that is to move. */
async function plugInDisks(lan: Lan): Promise<LoopDisk> {
  let backup: LoopDisk | undefined;
  for (const host of lan.hosts) {
    for (const options of DISKS[host.name] ?? []) {
      const disk = await host.disk(options);
      await host.attach(disk);
      if (options.label === BACKUP) backup = disk;
    }
  }
  if (backup === undefined) throw new Error(`No disk is labelled ${BACKUP}.`);
  return backup;
}

/** Returns the daemon of the first host, once it knows the disks of all. */
async function startDaemons(lan: Lan): Promise<Process> {
  const [first, ...others] = lan.hosts.map((host) => {
    showPrompt(host, DAEMON);
    return host.spawn(DAEMON);
  });
  console.log();
  await Promise.all(
    others.map((one) => one.waitForLog(/ ready /, PATIENCE_MS)),
  );
  for (const { name } of lan.hosts.slice(1)) {
    const heard = `host=${name} disks=${DISKS[name]!.length}\\b`;
    await first!.waitForLog(new RegExp(heard), PATIENCE_MS);
  }
  return first!;
}

/** The line that alpha's daemon logs when the backup has left or come. */
function event(name: string, host: string): RegExp {
  return new RegExp(` ${name} host=${host} .*label=${BACKUP}\\b`);
}

function say(...lines: readonly string[]): void {
  console.log(`${lines.join("\n")}\n`);
}

function showPrompt(host: Host, argv: readonly string[]): void {
  const typed = `root@${host.name}:~# ${argv.join(" ")}`;
  const bold = Deno.stdout.isTerminal() && !Deno.noColor;
  console.log(bold ? `\x1b[1m${typed}\x1b[0m` : typed);
}

/** Shows a command and what it prints. Returns its exit code. */
async function type(host: Host, argv: readonly string[]): Promise<number> {
  showPrompt(host, argv);
  const { code, stdout, stderr } = await host.run(argv);
  console.log(stdout + stderr);
  return code;
}

if (import.meta.main) {
  const lacking = whatIsLacking({ lan: true });
  if (lacking === "") {
    await demo();
  } else {
    console.error(
      `The demo makes a LAN out of network namespaces, and here it cannot: ${lacking}.\n` +
        "As root it installs what it needs: sudo npx -y deno@2.9.6 task demo\n" +
        "To see your own LAN instead, as any user: deno task scan",
    );
    Deno.exitCode = 1;
  }
}
