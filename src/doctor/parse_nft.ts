/** A chain of the packet filter. */
export interface NftChain {
  /** With its family: `inet filter`. */
  readonly table: string;
  readonly name: string;
  /** Where the kernel calls it; `null` if only other chains do. */
  readonly hook: string | null;
  /** What becomes of the rest; `null` if nothing is said. */
  readonly policy: string | null;
  /** As nft prints them, without handles and counters. */
  readonly rules: readonly string[];
}

interface OpenChain extends NftChain {
  readonly rules: string[];
}

/** Parses the output of `nft list ruleset`; ignores what it does not know. */
export function parseNftRuleset(text: string): NftChain[] {
  const chains: NftChain[] = [];
  let table = "";
  let chain: OpenChain | null = null;
  for (const line of text.split("\n").map((line) => line.trim())) {
    const [, tableName] = /^table (.+) \{$/.exec(line) ?? [];
    const [, chainName] = /^chain (.+) \{$/.exec(line) ?? [];
    if (tableName !== undefined) {
      table = tableName;
    } else if (chainName !== undefined) {
      chain = { table, name: chainName, hook: null, policy: null, rules: [] };
    } else if (line === "}") {
      if (chain !== null) chains.push(chain);
      chain = null;
    } else if (chain !== null && line.startsWith("type ")) {
      const [, hook = null] = /\bhook (\w+)/.exec(line) ?? [];
      const [, policy = null] = /\bpolicy (\w+)/.exec(line) ?? [];
      Object.assign(chain, { hook, policy });
    } else if (chain !== null && line !== "") {
      chain.rules.push(line.replace(/counter packets \d+ bytes \d+ /, ""));
    }
  }
  return chains;
}
