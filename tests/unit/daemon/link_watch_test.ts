import assert from "node:assert/strict";
import { LinkWatch } from "../../../src/daemon/link_watch.ts";

/** Tells a watch what `ip -o monitor link` prints; returns the links that came back. */
function returned(...lines: string[]): string[] {
  const names: string[] = [];
  let onLine: (line: string) => void = () => {};
  const watch = new LinkWatch({
    follow(_program, _args, take) {
      onLine = take;
      return {
        ended: new Promise(() => {}),
        stop: () => Promise.resolve(),
      };
    },
  });
  watch.onReturn = (name) => names.push(name);
  for (const line of lines) onLine(line);
  return names;
}

const ETH0 = "2: eth0@if7:";
const UP =
  "<BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 state UP \\    link/ether";
const OUT =
  "<NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500 state DOWN \\    link";

Deno.test("LinkWatch tells each time that a cable returns", () => {
  assert.deepEqual(
    returned(
      `${ETH0} ${OUT}`,
      `${ETH0} ${UP}`,
      `${ETH0} ${OUT}`,
      `${ETH0} ${UP}`,
    ),
    ["eth0", "eth0"],
  );
});

Deno.test("LinkWatch is silent on other changes of a link", () => {
  const lines = [`${ETH0} ${UP}`, `${ETH0} ${UP}`, `${ETH0} ${UP}`];
  assert.deepEqual(returned(...lines), ["eth0"]);
});

Deno.test("LinkWatch tells interfaces apart, and knows one that was removed", () => {
  assert.deepEqual(
    returned(
      `5: eth0.7@eth0: ${UP}`,
      `${ETH0} ${UP}`,
      `Deleted ${ETH0} ${UP}`,
      `9: eth0: ${UP}`,
    ),
    ["eth0.7", "eth0", "eth0"],
  );
});

Deno.test("LinkWatch bears what it does not know", () => {
  assert.deepEqual(returned("", "[LINK]", "2: eth0", "2: : <LOWER_UP>"), []);
});
