import type { Host } from "./host.ts";
import type { Process } from "./process.ts";

/** Where Debian and what derives from it have them. */
export const SSHD = "/usr/sbin/sshd";
export const SFTP_SERVER = "/usr/lib/openssh/sftp-server";

const FOLDER = "/run/lan/sshd";
const CONFIG = `${FOLDER}/sshd_config`;
const HOST_KEY = `${FOLDER}/host_key`;

/** sshd(8) on one host of the LAN in a box, on port 22 of its own network. */
export class Sshd implements AsyncDisposable {
  readonly #process: Process;
  /** As in known_hosts(5). */
  readonly hostKey: string;

  private constructor(process: Process, hostKey: string) {
    this.#process = process;
    this.hostKey = hostKey;
  }

  /** Starts one, with a host key that was made just now. */
  static async start(host: Host): Promise<Sshd> {
    await Deno.mkdir(host.path(FOLDER), { recursive: true });
    // Its child that nobody is logged in to has this as its root directory.
    await Deno.mkdir(host.path("/run/sshd"), { recursive: true });
    const hostKey = await makeSshKey(host, HOST_KEY);
    await Deno.writeTextFile(host.path(CONFIG), await configOf(host));
    const process = host.spawn([SSHD, "-D", "-e", "-f", CONFIG]);
    await process.waitForLog(/^Server listening on 0\.0\.0\.0 /m);
    return new Sshd(process, hostKey);
  }

  /** What it wrote: why it let somebody in, or not. */
  get log(): string {
    return this.#process.log;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]();
  }
}

/** Makes a key with no password, and gives its public half, as in authorized_keys(5). */
export async function makeSshKey(host: Host, path: string): Promise<string> {
  const argv = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path];
  const { code, stderr } = await host.run([...argv, "-C", host.name]);
  if (code !== 0) throw new Error(`Cannot make ${path}: ${stderr}`);
  const text = await Deno.readTextFile(host.path(`${path}.pub`));
  return text.trim();
}

async function configOf(host: Host): Promise<string> {
  const environment = Object.entries(host.environment)
    .filter(([name]) => name !== "HOME")
    .map(([name, value]) => `"${name}=${value}"`);
  return [
    "ListenAddress 0.0.0.0",
    `HostKey ${HOST_KEY}`,
    `PidFile ${FOLDER}/pid`,
    "UsePAM no",
    "UseDNS no",
    "PermitRootLogin yes",
    // Folders above the homes may belong to somebody else in a test.
    "StrictModes no",
    `Subsystem sftp ${SFTP_SERVER}`,
    ...await withoutPenalties(host),
    // Else it finds no `diskd`.
    `SetEnv ${environment.join(" ")}`,
    "",
  ].join("\n");
}

/** From OpenSSH 9.8 on, who fails a few times is not heard for a while. */
async function withoutPenalties(host: Host): Promise<string[]> {
  const line = "PerSourcePenalties no";
  const option = ["-o", line.replace(" ", "=")];
  const argv = [SSHD, "-t", "-f", "/dev/null", "-h", HOST_KEY, ...option];
  const { code } = await host.run(argv);
  return code === 0 ? [line] : [];
}
