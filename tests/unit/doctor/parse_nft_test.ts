import assert from "node:assert/strict";
import { parseNftRuleset } from "../../../src/doctor/parse_nft.ts";

Deno.test("parseNftRuleset() tells where each rule stands, what calls its chain, and what becomes of the rest", () => {
  const text = `table inet filter {
	set lan {
		type ipv4_addr
		elements = { 10.0.0.0 }
	}

	chain input {
		type filter hook input priority filter; policy drop;
		ct state established,related accept
		iifname "lo" counter packets 12 bytes 345 accept
		jump mine
	}

	chain mine {
		udp dport 32003 counter packets 5 bytes 5 drop
	}
}
table ip nat {
	chain output {
		type nat hook output priority dstnat; policy accept;
	}
}
`;
  assert.deepEqual(parseNftRuleset(text), [
    {
      table: "inet filter",
      name: "input",
      hook: "input",
      policy: "drop",
      rules: [
        "ct state established,related accept",
        'iifname "lo" accept',
        "jump mine",
      ],
    },
    {
      table: "inet filter",
      name: "mine",
      hook: null,
      policy: null,
      rules: ["udp dport 32003 drop"],
    },
    {
      table: "ip nat",
      name: "output",
      hook: "output",
      policy: "accept",
      rules: [],
    },
  ]);
  assert.deepEqual(parseNftRuleset(""), []);
  assert.deepEqual(parseNftRuleset("chain x {\n"), []);
});
