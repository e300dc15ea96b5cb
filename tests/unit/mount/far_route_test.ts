import assert from "node:assert/strict";
import { Refusal } from "../../../src/mount/refusal.ts";
import { sshfsArgv } from "../../../src/mount/sshfs.ts";
import { type HeardAt, routeTo } from "../../../src/mount/ssh_route.ts";
import { ScriptedCaller, targetNamed } from "./remote_support.ts";

/** Of this site. */
const AR: HeardAt = {
  addresses: ["fe80::2%eth0"],
  namesakes: [],
  beyond: null,
};
/** Relay of the other site. */
const BR: HeardAt = {
  addresses: ["10.8.0.2"],
  namesakes: [],
  beyond: {
    site: "cabin",
    relaysOf: "home",
    relays: [{ host: "ar", hostId: "a0", heardAt: AR }],
  },
};
const B1: HeardAt = {
  addresses: ["192.168.2.11"],
  namesakes: [],
  beyond: {
    site: "cabin",
    relaysOf: "cabin",
    relays: [{ host: "br", hostId: "b0", heardAt: BR }],
  },
};

interface FarScene {
  readonly heardAt?: HeardAt;
  readonly names?: ReadonlyMap<string, string>;
  readonly isBatch?: boolean;
  readonly prepare?: (caller: ScriptedCaller) => void;
}

async function route(scene: FarScene) {
  const { heardAt = B1, names = new Map(), prepare, isBatch = true } = scene;
  const caller = new ScriptedCaller();
  prepare?.(caller);
  const { ways } = caller.tools({ isBatch, options: ["Compression=yes"] });
  const { system } = caller;
  const { target, note } = await routeTo(
    targetNamed("b1", { name: "b1" }),
    { heardAt, ways, names, system },
  );
  return { options: target.options, note };
}

const BY_ADDRESS = ["HostName=192.168.2.11", "HostKeyAlias=b1"];
const USUAL = "-o ConnectTimeout=10 -o BatchMode=yes -o RemoteCommand=none " +
  "-o PermitLocalCommand=no";
/** To ar, within the command to br: each of the two reads double percent signs, and HostName does too. */
const THROUGH_AR = "ssh -o HostName=fe80::2%%%%%%%%eth0 -o HostKeyAlias=ar " +
  `${USUAL} -W "[%%h]:%%p" -- ar`;
const THROUGH_BOTH =
  "ProxyCommand=ssh -o HostName=10.8.0.2 -o HostKeyAlias=br " +
  `-o ConnectTimeout=120 -o 'ProxyCommand=${THROUGH_AR}' ` +
  `${USUAL} -W "[%h]:%p" -- br`;

Deno.test("routeTo() goes through a relay of each site", async () => {
  // Relays are not tried.
  const prepare = ({ accepting }: ScriptedCaller) =>
    void accepting.add("10.8.0.2:22");
  assert.deepEqual(await route({ prepare }), {
    options: [...BY_ADDRESS, "ConnectTimeout=120", THROUGH_BOTH],
    note:
      "b1 is at cabin; ssh goes through ar and br. To choose: ssh: {b1: HOST} in the configuration.",
  });
});

Deno.test("routeTo() goes straight to a far host that answers", async () => {
  const note = "b1 is at cabin; ssh goes straight to 192.168.2.11.";
  const prepare = ({ accepting }: ScriptedCaller) =>
    void accepting.add("192.168.2.11:22");
  assert.deepEqual(await route({ prepare }), { options: BY_ADDRESS, note });
  const named = (caller: ScriptedCaller) => {
    prepare(caller);
    caller.names.set("b1", ["192.168.2.11"]);
  };
  assert.deepEqual(await route({ prepare: named }), { options: [], note });
});

Deno.test("routeTo() goes straight to another address of a far host if that answers", async () => {
  const heardAt = { ...B1, addresses: [...B1.addresses, "10.8.0.9"] };
  const prepare = ({ accepting }: ScriptedCaller) =>
    void accepting.add("10.8.0.9:22");
  assert.deepEqual(await route({ heardAt, prepare }), {
    options: ["HostName=10.8.0.9", "HostKeyAlias=b1"],
    note: "b1 is at cabin; ssh goes straight to 10.8.0.9.",
  });
});

Deno.test("routeTo() goes through a relay to no link-local address, whose interface there nobody knows", async () => {
  const both = { ...B1, addresses: ["fe80::11", "192.168.2.11"] };
  const { options } = await route({ heardAt: both });
  assert.deepEqual(options.slice(0, 2), BY_ADDRESS);
  const alone = { ...B1, addresses: ["fe80::11"] };
  await assert.rejects(route({ heardAt: alone }), (error) => {
    assert.ok(error instanceof Refusal);
    assert.equal(
      error.message,
      "b1 is at cabin and has no address there but fe80::11, which is " +
        "link-local: ssh cannot go there through a relay",
    );
    assert.match(error.hints.join(), /ssh: \{"b1": user@host\}$/);
    return true;
  });
  const prepare = ({ accepting, names }: ScriptedCaller) => {
    accepting.add("100.64.0.7:22");
    names.set("b1", ["100.64.0.7"]);
  };
  const { note } = await route({ heardAt: alone, prepare });
  assert.match(note!, /ssh goes by that name, to 100\.64\.0\.7\.$/);
});

Deno.test("routeTo() goes by the name of a far host where that leads to one that answers", async () => {
  const prepare = ({ accepting, names }: ScriptedCaller) => {
    accepting.add("100.64.0.7:22");
    names.set("b1", ["100.64.0.7"]);
  };
  const expected = {
    options: [],
    note: "b1 is at cabin; ssh goes by that name, to 100.64.0.7.",
  };
  assert.deepEqual(await route({ prepare }), expected);
  const heardAt = { ...B1, beyond: { ...B1.beyond!, relays: [] } };
  assert.deepEqual(await route({ prepare, heardAt }), expected);
});

Deno.test("routeTo() goes straight to the relay of a far host if none of its own site is up", async () => {
  const br = {
    host: "br",
    hostId: "b0",
    heardAt: { ...BR, beyond: { ...BR.beyond!, relays: [] } },
  };
  const { note } = await route({
    heardAt: { ...B1, beyond: { ...B1.beyond!, relays: [br] } },
    prepare: ({ accepting }) => void accepting.add("10.8.0.2:22"),
  });
  assert.match(note!, /^b1 is at cabin; ssh goes through br\. /);
});

Deno.test("routeTo() goes to the address behind a relay where the name leads there too", async () => {
  const { options } = await route({
    prepare: ({ names }) => names.set("b1", ["192.168.2.11"]),
  });
  assert.deepEqual(options.slice(0, 2), BY_ADDRESS);
});

Deno.test("routeTo() takes nobody of its own network for a far host of the same address", async () => {
  const { note } = await route({
    prepare(caller) {
      caller.accepting.add("192.168.2.11:22");
      caller.interfaces = [
        { name: "eth0", address: "192.168.2.40", prefixLength: 24 },
      ];
    },
  });
  assert.match(note!, /goes through ar and br/);
});

Deno.test("routeTo() follows the setting ssh and ssh_config to a far host", async () => {
  const prepare = ({ settings }: ScriptedCaller) =>
    void settings.set("proxyjump", "gate");
  assert.deepEqual(await route({ prepare }), { options: [], note: null });
});

Deno.test("routeTo() follows the setting ssh to a relay, without another before it", async () => {
  const names = new Map([["b0", "jo@br.example"]]);
  const { options, note } = await route({ names, isBatch: false });
  assert.equal(
    options.at(-1),
    "ProxyCommand=ssh -o ConnectTimeout=10 -o RemoteCommand=none " +
      `-o PermitLocalCommand=no -W "[%h]:%p" -- jo@br.example`,
  );
  assert.match(note!, /^b1 is at cabin; ssh goes through br\. /);
});

Deno.test("routeTo() says what to do without a relay", async () => {
  const noRelays = (heardAt: HeardAt): HeardAt => ({
    ...heardAt,
    beyond: { ...heardAt.beyond!, relays: [] },
  });
  const br = { host: "br", hostId: "b0", heardAt: noRelays(BR) };
  const cases = [
    [
      noRelays(B1),
      "b1 is at cabin and does not answer at 192.168.2.11 from here, and no relay of cabin is up",
    ],
    [
      { ...B1, beyond: { ...B1.beyond!, relays: [br] } },
      "no relay of home is up, through which ssh would go to br",
    ],
  ] as const;
  for (const [heardAt, message] of cases) {
    await assert.rejects(route({ heardAt }), (error) => {
      assert.ok(error instanceof Refusal);
      assert.equal(error.message, message);
      assert.equal(error.kind, "failed");
      return true;
    });
  }
});

const NO_ADDRESSES = ["1.2.3.4 -oProxyCommand=x", '1.2.3.4"', "`id`", "$(id)"];

for (const address of NO_ADDRESSES) {
  Deno.test(`routeTo() has no ${address} in the command for a proxy`, async () => {
    const heardAt = {
      ...B1,
      beyond: {
        ...B1.beyond!,
        relays: [{
          host: "br",
          hostId: "b0",
          heardAt: { ...BR, addresses: [address] },
        }],
      },
    };
    const { options } = await route({ heardAt });
    assert.ok(!options.join("\n").includes(address));
  });
}

Deno.test("routeTo() refuses a relay whose name is not safe for ssh", async () => {
  const relays = [{ host: "br;id", hostId: "b0", heardAt: BR }];
  const heardAt = { ...B1, beyond: { ...B1.beyond!, relays } };
  await assert.rejects(route({ heardAt }), /br;id is not safe for ssh/);
});

Deno.test("sshfsArgv() passes on the command for a proxy in one word", () => {
  const request = {
    uuid: "AB12-CD34",
    target: targetNamed("b1", { options: ["HostName=1.2.3.4", THROUGH_BOTH] }),
    path: "/run/media/diskd/b",
    directory: "/mnt/b",
    readOnly: false,
    isShared: false,
  };
  const argv = sshfsArgv(request, { options: [], isBatch: true });
  assert.match(argv[2]!, /^ssh_command=ssh -o HostName=1\.2\.3\.4 (?!.*Proxy)/);
  assert.deepEqual(argv.slice(3, 5), ["-o", THROUGH_BOTH]);
});
