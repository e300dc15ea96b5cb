import assert from "node:assert/strict";
import { routeTo } from "../../../src/mount/ssh_route.ts";
import { exited } from "../../support/scripted_system.ts";
import { ScriptedCaller, targetNamed } from "./remote_support.ts";

const NAMED = targetNamed("beta", { name: "beta" });
const ADDRESSES = ["192.168.1.12", "fe80::1%eth0"];

interface Scene {
  /** Beside those of a plain `ssh beta`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Addresses to which the name leads. */
  readonly found?: readonly string[];
  readonly addresses?: readonly string[];
  readonly namesakes?: readonly string[];
  readonly target?: typeof NAMED;
}

async function route(
  scene: Scene,
) {
  const { settings = {}, found = [], target = NAMED } = scene;
  const { addresses = ADDRESSES, namesakes = [] } = scene;
  const caller = new ScriptedCaller();
  for (const [name, value] of Object.entries(settings)) {
    caller.settings.set(name, value);
  }
  caller.names.set("beta", found);
  const { system } = caller;
  const { ways } = caller.tools();
  const { target: { options }, note } = await routeTo(target, {
    heardAt: { addresses, namesakes, beyond: null },
    ways,
    names: new Map(),
    system,
  });
  return { options, note };
}

const BY_NAME = { options: [], note: null };
const BY_ADDRESS = {
  options: ["HostName=192.168.1.12", "HostKeyAlias=beta"],
  note: null,
};

const SCENES: readonly (readonly [string, Scene, unknown])[] = [
  ["the address of a name that leads nowhere", {}, BY_ADDRESS],
  ["a name that leads to the host", { found: ADDRESSES.slice(0, 1) }, BY_NAME],
  [
    "a name that leads to one of its other addresses",
    { found: ["10.0.0.1", "FE80::1%3"] },
    BY_NAME,
  ],
  [
    "a name that leads to another host of that name",
    { found: ["10.0.0.7"], namesakes: ["10.0.0.7"] },
    BY_NAME,
  ],
  ["nothing without an address", { addresses: [] }, BY_NAME],
  [
    "nothing that is no address",
    { addresses: ["-oProxyCommand=x", "a b", "evil", "1.2.3.4\nPort=1", ""] },
    BY_NAME,
  ],
  [
    "the name where the configuration has the place",
    { target: targetNamed("beta") },
    BY_NAME,
  ],
  ["HostName of ssh_config", { settings: { hostname: "b.lan" } }, BY_NAME],
  ["ProxyJump of ssh_config", { settings: { proxyjump: "gate" } }, BY_NAME],
  ["ProxyCommand, likewise", { settings: { proxycommand: "nc" } }, BY_NAME],
  ["no proxy", { settings: { proxycommand: "none" } }, BY_ADDRESS],
  [
    "HostKeyAlias of ssh_config",
    { settings: { hostkeyalias: "b" } },
    { ...BY_ADDRESS, options: ["HostName=192.168.1.12"] },
  ],
  ["the port in known_hosts", { settings: { port: "2222" } }, {
    ...BY_ADDRESS,
    options: ["HostName=192.168.1.12", "HostKeyAlias=[beta]:2222"],
  }],
  ["the percent sign of an interface", { addresses: ["fe80::1%eth0"] }, {
    ...BY_ADDRESS,
    options: ["HostName=fe80::1%%eth0", "HostKeyAlias=beta"],
  }],
  ["AddressFamily of ssh_config", { settings: { addressfamily: "inet6" } }, {
    ...BY_ADDRESS,
    options: ["HostName=fe80::1%%eth0", "HostKeyAlias=beta"],
  }],
  ["settings that would run nothing", {
    found: ADDRESSES,
    settings: {
      sessiontype: "none",
      forkafterauthentication: "yes",
      stdinnull: "yes",
    },
  }, {
    options: [
      "SessionType=default",
      "ForkAfterAuthentication=no",
      "StdinNull=no",
    ],
    note: null,
  }],
];

for (const [what, scene, expected] of SCENES) {
  Deno.test(`routeTo() follows ${what}`, async () => {
    assert.deepEqual(await route(scene), expected);
  });
}

Deno.test("routeTo() says that a name leads elsewhere, and goes where the host is heard", async () => {
  const { options, note } = await route({ found: ["203.0.113.9"] });
  assert.deepEqual(options, BY_ADDRESS.options);
  assert.match(note!, /^beta is 203\.0\.113\.9 by name, .* 192\.168\.1\.12; /);
  assert.match(note!, /ssh: \{beta: HOST\}/);
});

Deno.test("routeTo() leaves alone what ssh does not explain", async () => {
  const caller = new ScriptedCaller();
  const { ways } = caller.tools();
  const system = {
    ...caller.system,
    run: () => Promise.resolve(exited({ code: 255 })),
  };
  const { target } = await routeTo(NAMED, {
    heardAt: { addresses: ADDRESSES, namesakes: [], beyond: null },
    ways,
    names: new Map(),
    system,
  });
  assert.deepEqual(target, NAMED);
});
