import type { Host } from "./host.ts";

const PORT = 32003;

/** What a rule says of diskd's datagrams on their way in. */
type Verdict =
  /** None gets in. */
  | { readonly drop: "all" }
  /** So many of a hundred do not, at random. */
  | { readonly drop: "some"; readonly percent: number }
  /** Those of one sender do not. */
  | { readonly drop: "from"; readonly address: string };

/** The packet filter of one host, as nft(8) sets it. */
export class Firewall {
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  /** Keeps datagrams of diskd in one family from getting in, in place of what was kept before. */
  async refuse(verdict: Verdict, family: "ip" | "ip6" = "ip"): Promise<void> {
    await this.#replace(`${family} filter`, [
      "chain input {",
      "type filter hook input priority 0",
      `udp dport ${PORT} ${conditionOf(verdict)} drop`,
      "}",
    ]);
  }

  /** Lets no datagram of diskd out. */
  async refuseOutgoing(family: "ip" | "ip6" = "ip"): Promise<void> {
    await this.#replace(`${family} filter`, [
      "chain output {",
      "type filter hook output priority 0",
      `udp dport ${PORT} drop`,
      "}",
    ]);
  }

  /** Whatever leaves by this interface leaves twice. */
  async double(name: string): Promise<void> {
    await this.#replace("netdev double", [
      "chain egress {",
      `type filter hook egress device "${name}" priority 0`,
      `udp dport ${PORT} dup to "${name}"`,
      "}",
    ]);
  }

  /** Takes all rules away. */
  async open(): Promise<void> {
    await this.#nft(["flush ruleset"]);
  }

  /** A table that must be there to be deleted is made first. */
  async #replace(table: string, lines: readonly string[]): Promise<void> {
    await this.#nft([
      `table ${table}`,
      `delete table ${table}`,
      `table ${table} {`,
      ...lines,
      "}",
    ]);
  }

  async #nft(lines: readonly string[]): Promise<void> {
    const input = `${lines.join("\n")}\n`;
    const { code, stderr } = await this.#host.run(["nft", "-f", "-"], {
      input,
    });
    if (code === 0) return;
    throw new Error(`nft on ${this.#host.name} refused\n${input}${stderr}`);
  }
}

function conditionOf(verdict: Verdict): string {
  switch (verdict.drop) {
    case "all":
      return "";
    case "some":
      return `numgen random mod 100 < ${verdict.percent}`;
    case "from":
      return `ip saddr ${verdict.address}`;
  }
}
