import assert from "node:assert/strict";
import { ConfigError } from "../../../src/config/config_error.ts";
import { loadConfig } from "../../../src/config/load_config.ts";
import {
  type Config,
  CONFIG_VARIABLES,
  type ConfigFlags,
  SETTINGS,
} from "../../../src/config/settings.ts";

interface Given {
  readonly flags?: ConfigFlags;
  readonly env?: Record<string, string>;
  readonly files?: Record<string, string>;
  readonly uid?: number;
}

const FILE = "/etc/diskd/config.yaml";

function load({ flags = {}, env = {}, files = {}, uid = 0 }: Given): Config {
  const readText = (path: string) => files[path] ?? null;
  return loadConfig({ flags, env, readText, uid });
}

function problems(given: Given): string[] {
  try {
    load(given);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.problems.map(({ place, message }) => `${place}: ${message}`);
  }
  return [];
}

const DEFAULTS: Config = {
  socket: "/run/diskd/control.sock",
  socketGroup: null,
  readSocket: null,
  readSocketGroup: null,
  stateDir: "/var/lib/diskd",
  interfaces: [],
  ipv6: true,
  site: null,
  peers: [],
  relay: false,
  natsServers: [],
  natsNkeyFile: null,
  natsCaFile: null,
  natsBucket: "diskd",
  natsDomain: null,
  natsWatch: true,
  limitsHosts: 10_000,
  limitsDisks: 100_000,
  group: "230.1.2.3",
  port: 32003,
  ttl: 2,
  scanIntervalMs: 2_500,
  announceIntervalMs: 30_000,
  hostName: null,
  noHistory: false,
  historyKeepDays: 400,
  historyMaxMegabytes: 256,
  keysMode: "open",
  keysFiles: [],
  keysEncrypt: false,
  mountAllow: [],
  locateAllow: [],
  ssh: {},
  ports: {},
  expect: [],
  notify: [],
  logLevel: "info",
  logFormat: "text",
};

Deno.test("loadConfig() needs neither file nor flags nor environment", () => {
  assert.deepEqual(load({}), DEFAULTS);
  assert.deepEqual(load({ files: { [FILE]: "" } }), DEFAULTS);
  assert.deepEqual(load({ files: { [FILE]: "# nothing\n" } }), DEFAULTS);
});

Deno.test("loadConfig() lets flags win over environment over file over defaults", () => {
  const given = {
    files: { [FILE]: "port: 1\nttl: 1\ngroup: 239.0.0.1\n" },
    env: { DISKD_PORT: "2", DISKD_TTL: "2" },
    flags: { port: "3" },
  };
  assert.deepEqual(load(given), {
    ...DEFAULTS,
    group: "239.0.0.1",
    ttl: 2,
    port: 3,
  });
});

Deno.test("loadConfig() takes every key from the file, in both spellings", () => {
  const expected: Config = {
    ...DEFAULTS,
    socket: "/run/x.sock",
    socketGroup: "disk",
    readSocket: "/run/y.sock",
    readSocketGroup: "users",
    stateDir: "/srv/diskd",
    interfaces: ["eth*", "wlan0"],
    group: "239.255.255.255",
    port: 65535,
    ttl: 255,
    scanIntervalMs: 500,
    announceIntervalMs: 90_000,
    hostName: "Ünï",
    noHistory: true,
    historyKeepDays: 30,
    historyMaxMegabytes: 16,
    keysMode: "accept",
    keysFiles: ["/etc/diskd/new", "/etc/diskd/old"],
    keysEncrypt: true,
    mountAllow: ["backup-*", "8261f666-?"],
    locateAllow: ["wwn:0x5000c500a1b2c3d4"],
    ssh: { beta: "admin@b.example.org", "9f0c": "10.0.0.2" },
    ports: { "pci-0000:00:17.0-ata-3": "bay 3" },
    expect: [{ disks: ["old*"], seenEveryMs: 86_400_000 }],
    notify: [{
      url: null,
      urlFile: "/etc/diskd/url",
      headersFile: null,
      on: ["overdue"],
      disks: null,
    }],
    logLevel: "debug",
    logFormat: "json",
  };
  const camelCase = `
socket: /run/x.sock
socketGroup: disk
readSocket: /run/y.sock
readSocketGroup: users
stateDir: /srv/diskd
interfaces: ["eth*", wlan0]
group: 239.255.255.255
port: 65535
ttl: 255
scanInterval: 500ms
announceInterval: 90
hostName: Ünï
noHistory: true
history:
  keepDays: 30
  maxMegabytes: 16
keys:
  mode: accept
  files: [/etc/diskd/new, /etc/diskd/old]
  encrypt: true
mount:
  allow: [backup-*, 8261f666-?]
locate:
  allow: ["wwn:0x5000c500a1b2c3d4"]
ssh: {beta: admin@b.example.org, 9f0c: 10.0.0.2}
ports: {"pci-0000:00:17.0-ata-3": bay 3}
expect:
  - disks: old*
    seenEvery: 1d
notify:
  - on: overdue
    urlFile: /etc/diskd/url
logLevel: debug
logFormat: json
`;
  const kebabCase = camelCase
    .replace(/^ *[a-zA-Z]+/gm, (key) => key.replace(/[A-Z]/g, "-$&"))
    .replace(/^ *[a-zA-Z-]+/gm, (key) => key.toLowerCase())
    .replace("interfaces:", "interface:");
  assert.match(kebabCase, /^announce-interval: 90$/m);
  assert.match(kebabCase, /^ {2}keep-days: 30$/m);
  assert.deepEqual(load({ files: { [FILE]: camelCase } }), expected);
  assert.deepEqual(load({ files: { [FILE]: kebabCase } }), expected);
});

Deno.test("loadConfig() takes every key but those of keys from the environment and from flags", () => {
  const expected: Config = {
    ...DEFAULTS,
    socket: "/s",
    socketGroup: "100",
    readSocket: "/r",
    readSocketGroup: "0",
    stateDir: "/d",
    interfaces: ["eth0", "br?"],
    group: "224.0.0.1",
    port: 1,
    ttl: 1,
    scanIntervalMs: 120_000,
    announceIntervalMs: 1500,
    hostName: "h",
    noHistory: true,
    historyKeepDays: 1,
    historyMaxMegabytes: 65_536,
    logLevel: "error",
    logFormat: "json",
  };
  const env = {
    DISKD_SOCKET: "/s",
    DISKD_SOCKET_GROUP: "100",
    DISKD_READ_SOCKET: "/r",
    DISKD_READ_SOCKET_GROUP: "0",
    DISKD_STATE_DIR: "/d",
    DISKD_INTERFACE: "eth0, br?",
    DISKD_GROUP: "224.0.0.1",
    DISKD_PORT: "1",
    DISKD_TTL: "1",
    DISKD_SCAN_INTERVAL: "2m",
    DISKD_ANNOUNCE_INTERVAL: "1.5",
    DISKD_HOST_NAME: "h",
    DISKD_NO_HISTORY: "1",
    DISKD_HISTORY_KEEP_DAYS: "1",
    DISKD_HISTORY_MAX_MEGABYTES: "65536",
    DISKD_LOG_LEVEL: "error",
    DISKD_LOG_FORMAT: "json",
  };
  assert.deepEqual(load({ env }), expected);
  const flags = {
    socket: "/s",
    socketGroup: "100",
    readSocket: "/r",
    readSocketGroup: "0",
    stateDir: "/d",
    interface: ["eth0", "br?"],
    group: "224.0.0.1",
    port: "1",
    ttl: "1",
    scanInterval: "2m",
    announceInterval: "1.5s",
    hostName: "h",
    noHistory: true,
    historyKeepDays: "1",
    historyMaxMegabytes: "65536",
    logLevel: "error",
    logFormat: "json",
  };
  assert.deepEqual(load({ flags }), expected);
});

Deno.test("loadConfig() takes an empty variable for one that is not set", () => {
  assert.deepEqual(
    load({ env: { DISKD_PORT: "", DISKD_GROUP: "" } }),
    DEFAULTS,
  );
});

Deno.test("loadConfig() names key, value, place and what would be right", () => {
  assert.deepEqual(
    problems({
      files: {
        [FILE]:
          '# ours\nport: "1"\nttl: 0\nscanInterval: 1ms\ngroup: 10.0.0.1\n' +
          "interfaces: 5\nlogLevel: loud\nsocket:\nhostName: [a]\n",
      },
      env: { DISKD_PORT: "65536", DISKD_ANNOUNCE_INTERVAL: "soon" },
      flags: {
        ttl: "2.5",
        group: "224.1.2",
        logFormat: "",
        interface: ["a/b"],
      },
    }),
    [
      `${FILE} line 2: port is "1", expected a whole number from 1 to 65535`,
      `${FILE} line 3: ttl is 0, expected a whole number from 1 to 255`,
      `${FILE} line 4: scanInterval is "1ms", expected seconds, or 500ms, 2m, 1h: at least 100ms, at most 24h`,
      `${FILE} line 5: group is "10.0.0.1", expected an IPv4 multicast address, 224.0.0.0 to 239.255.255.255`,
      `${FILE} line 6: interfaces is 5, expected interface names, with the wildcards * and ?`,
      `${FILE} line 7: logLevel is "loud", expected one of error, warn, info, debug`,
      `${FILE} line 8: socket is null, expected an absolute path of at most 107 bytes`,
      `${FILE} line 9: hostName is ["a"], expected a name of 1 to 64 characters, none of them a control character`,
      "environment variable DISKD_PORT: port is 65536, expected a whole number from 1 to 65535",
      'environment variable DISKD_ANNOUNCE_INTERVAL: announceInterval is "soon", expected seconds, or 500ms, 2m, 1h: at least 100ms, at most 24h',
      'flag --interface: interfaces is ["a/b"], expected interface names, with the wildcards * and ?',
      'flag --group: group is "224.1.2", expected an IPv4 multicast address, 224.0.0.0 to 239.255.255.255',
      'flag --ttl: ttl is "2.5", expected a whole number from 1 to 255',
      'flag --log-format: logFormat is "", expected one of text, json',
    ],
  );
});

Deno.test("loadConfig() takes an interval in any unit of time, within its limits", () => {
  const env = { DISKD_ANNOUNCE_INTERVAL: "0.1w", DISKD_SCAN_INTERVAL: "1d" };
  const files = { [FILE]: "announceInterval: 1d\nscanInterval: 0.5 h\n" };
  assert.equal(load({ files }).announceIntervalMs, 86_400_000);
  assert.equal(load({ files }).scanIntervalMs, 1_800_000);
  const config = load({ env });
  assert.equal(config.announceIntervalMs, 60_480_000);
  assert.equal(config.scanIntervalMs, 86_400_000);
  assert.deepEqual(problems({ files: { [FILE]: "scanInterval: 2d\n" } }), [
    `${FILE} line 1: scanInterval is "2d", expected seconds, or 500ms, 2m, 1h: at least 100ms, at most 24h`,
  ]);
});

Deno.test("loadConfig() takes no value for a key when it counts lines", () => {
  const text = "ttl: 0\nhostName: ttl\ninterfaces:\n  - a/b\n  - ttl\n";
  const places = problems({ files: { [FILE]: text } })
    .map((problem) => problem.split(":")[0]);
  assert.deepEqual(places, [`${FILE} line 1`, `${FILE} line 3`]);
});

Deno.test("loadConfig() refuses a bad value also where another overrides it", () => {
  const given = { files: { [FILE]: "port: 0" }, flags: { port: "1" } };
  assert.equal(problems(given).length, 1);
});

Deno.test("loadConfig() refuses unknown keys and says what was meant", () => {
  const text = "scanIntervall: 5\n__proto__: 1\nannounce_interval: 2\n1: x\n";
  const keys = Object.values(SETTINGS).map(({ key }) => key).join(", ");
  assert.deepEqual(problems({ files: { [FILE]: text } }), [
    `${FILE} line 4: unknown key "1", expected one of ${keys}`,
    `${FILE} line 1: unknown key "scanIntervall", did you mean scanInterval?`,
    `${FILE} line 2: unknown key "__proto__", expected one of ${keys}`,
    `${FILE} line 3: unknown key "announce_interval", did you mean announceInterval?`,
  ]);
});

Deno.test("loadConfig() takes settings of a map in any of their spellings", () => {
  for (
    const text of [
      "history:\n  keepDays: 7\n",
      "history: {keep-days: 7}\n",
      "history.keepDays: 7\n",
      "history-keep-days: 7\n",
    ]
  ) {
    assert.deepEqual(
      load({ files: { [FILE]: text } }),
      { ...DEFAULTS, historyKeepDays: 7 },
      text,
    );
  }
  assert.deepEqual(load({ files: { [FILE]: "history:\n" } }), DEFAULTS);
});

Deno.test("loadConfig() says what is wrong within a map, and on which line", () => {
  const text = "ttl: 1\nhistory:\n  keepDays: 0\n  # not ours\n" +
    "  maxMegabyte: 1\n  keep-days: 2\n";
  assert.deepEqual(problems({ files: { [FILE]: text } }), [
    `${FILE} line 5: unknown key "history.maxMegabyte", did you mean history.maxMegabytes?`,
    `${FILE} line 6: history.keep-days is the same as history.keepDays, expected only one`,
    `${FILE} line 3: history.keepDays is 0, expected a whole number from 1 to 36500`,
  ]);
  assert.deepEqual(problems({ files: { [FILE]: "history: false\n" } }), [
    `${FILE} line 1: history is false, expected a map of keepDays, maxMegabytes`,
  ]);
  assert.deepEqual(problems({ files: { [FILE]: "port:\n  ttl: 1\n" } }), [
    `${FILE} line 1: port is {"ttl":1}, expected a whole number from 1 to 65535`,
  ]);
  assert.deepEqual(problems({ files: { [FILE]: "host.name: x\n" } }), [
    `${FILE} line 1: unknown key "host.name", did you mean hostName?`,
  ]);
});

Deno.test("loadConfig() takes no other word than true and false for a switch", () => {
  assert.deepEqual(problems({ env: { DISKD_NO_HISTORY: "yes" } }), [
    'environment variable DISKD_NO_HISTORY: noHistory is "yes", expected true or false',
  ]);
  assert.equal(load({ env: { DISKD_NO_HISTORY: "0" } }).noHistory, false);
});

Deno.test("loadConfig() refuses unknown DISKD_ variables and says what was meant", () => {
  const env = { DISKD_INTERFACES: "eth0", DISKD_LOGLEVEL: "debug", OTHER: "x" };
  assert.deepEqual(problems({ env }), [
    "environment variable DISKD_INTERFACES: unknown, did you mean DISKD_INTERFACE?",
    "environment variable DISKD_LOGLEVEL: unknown, did you mean DISKD_LOG_LEVEL?",
  ]);
});

Deno.test("the program asks for variables with a typing error too", () => {
  const wrong = [
    "DISKD_PROT",
    "DISKD_POT",
    "DISKD_PORTT",
    "DISKD_PORTS",
    "DISKD_SOKCET",
    "DISKD_LOGFORMAT",
    "DISKD_SCAN_INTERVALL",
  ];
  for (const name of wrong) assert.ok(CONFIG_VARIABLES.includes(name), name);
  assert.deepEqual(problems({ env: { DISKD_PROT: "3" } }), [
    "environment variable DISKD_PROT: unknown, did you mean DISKD_PORT?",
  ]);
});

Deno.test("loadConfig() says which paths this program may not write, if it is asked", () => {
  const writable = {
    covers: (path: string) => path.startsWith("/run/"),
    places: "/run",
  };
  const text = "stateDir: /opt/state\nreadSocket: /run/read.sock\n";
  const sources = {
    flags: { socket: "/srv/socket" },
    env: {},
    uid: 0,
    readText: () => text,
  };
  assert.equal(loadConfig(sources).stateDir, "/opt/state");
  assert.throws(
    () => loadConfig({ ...sources, writable }),
    (error) => {
      assert.ok(error instanceof ConfigError);
      assert.deepEqual(
        error.problems.map(({ place, message }) => [place, message]),
        [
          [
            "flag --socket",
            'socket is "/srv/socket", but diskd is built to use files under /run only',
          ],
          [
            "/etc/diskd/config.yaml line 1",
            'stateDir is "/opt/state", but diskd is built to use files under /run only',
          ],
        ],
      );
      return true;
    },
  );
});

Deno.test("loadConfig() refuses a key given twice, in one spelling or two", () => {
  assert.deepEqual(problems({ files: { [FILE]: "ttl: 1\n\nttl: 2\n" } }), [
    `${FILE} line 3: not YAML: this key is there twice; keep one of them`,
  ]);
  const text = "hostName: a\nhost-name: b\n";
  assert.deepEqual(problems({ files: { [FILE]: text } }), [
    `${FILE} line 2: host-name is the same as hostName, expected only one`,
  ]);
});

const SYNTAX_ERRORS: readonly (readonly [text: string, message: RegExp])[] = [
  [
    "port: 1\n\tttl: 2\n",
    /line 2: not YAML: a tab indents this line; use spaces$/,
  ],
  ["interfaces: [eth0", /line 1: not YAML: a \[ or \{ is not closed$/],
  [
    "interfaces: [eth0\nttl: 2\n",
    /line 2: not YAML: a bracket or quote above /,
  ],
  ['hostName: "a\nttl: 2\n', /line 2: not YAML: a bracket or quote above /],
  [
    "interfaces: *\n",
    /line 1: not YAML: a value that begins with \* or & needs /,
  ],
  ["mount: {allow: [*x]}\n", /line 1: not YAML: a value that begins with \* /],
  ["hostName: @a\n", /line 1: not YAML: .* its value needs quotes/],
  ["hostName: a: b\n", /line 1: not YAML: .* its value needs quotes/],
  ["port 1\nttl: 2\n", /line 2: not YAML: expected "key: value", with a space/],
  [
    "port: !a 1\n",
    /line 1: not YAML: a value that begins with ! needs quotes$/,
  ],
  ["%a\nttl: 1\n", /not YAML: a line that begins with % is not allowed$/],
  ["hostName: a\x07\n", /line 1: not YAML: a control character; /],
  [
    'hostName: "\\q"\n',
    /line 1: not YAML: an unknown \\ within double quotes; /,
  ],
];

for (const [text, message] of SYNTAX_ERRORS) {
  Deno.test(`loadConfig() says what to do about ${JSON.stringify(text)}`, () => {
    const [problem] = problems({ files: { [FILE]: text } });
    assert.match(problem!, message);
  });
}

Deno.test("loadConfig() names the line of a syntax error", () => {
  const [problem] = problems({ files: { [FILE]: "port: 1\nttl: [1\nx: 2\n" } });
  assert.match(problem!, /^\/etc\/diskd\/config.yaml line \d: not YAML: /);
});

Deno.test("loadConfig() refuses a file that is not one map", () => {
  const expected = 'expected a map, one "key: value" a line';
  assert.deepEqual(problems({ files: { [FILE]: "- port: 1" } }), [
    `${FILE}: the file is a list, ${expected}`,
  ]);
  assert.deepEqual(problems({ files: { [FILE]: "hello" } }), [
    `${FILE}: the file is "hello", ${expected}`,
  ]);
  assert.deepEqual(problems({ files: { [FILE]: "ttl: 1\n---\nttl: 2\n" } }), [
    `${FILE}: the file is more than one document, ${expected}`,
  ]);
});

Deno.test("loadConfig() reads the file that --config or DISKD_CONFIG names, and only that", () => {
  const files = { [FILE]: "ttl: 1", "/a.yaml": "ttl: 3", "/b.yaml": "ttl: 4" };
  const env = { DISKD_CONFIG: "/a.yaml" };
  assert.equal(load({ files, env }).ttl, 3);
  assert.equal(load({ files, env, flags: { config: "/b.yaml" } }).ttl, 4);
});

Deno.test("loadConfig() insists on a file that was named", () => {
  assert.deepEqual(problems({ flags: { config: "/none.yaml" } }), [
    "/none.yaml: cannot be read: there is no such file, or no permission",
  ]);
});

Deno.test("loadConfig() puts socket and state where the user may write", () => {
  const env = {
    HOME: "/home/ann",
    XDG_RUNTIME_DIR: "/run/user/1000",
    XDG_STATE_HOME: "/home/ann/state/",
  };
  const paths = (given: Given) => {
    const { socket, stateDir } = load(given);
    return [socket, stateDir];
  };
  assert.deepEqual(paths({ uid: 1000, env }), [
    "/run/user/1000/diskd/control.sock",
    "/home/ann/state/diskd",
  ]);
  assert.deepEqual(paths({ uid: 1000, env: { HOME: "/home/ann" } }), [
    "/home/ann/.local/state/diskd/control.sock",
    "/home/ann/.local/state/diskd",
  ]);
  assert.deepEqual(paths({ uid: 0, env }), [
    "/run/diskd/control.sock",
    "/var/lib/diskd",
  ]);
});

Deno.test("loadConfig() asks for the paths where there is no home", () => {
  const found = problems({ uid: 1000, env: { XDG_RUNTIME_DIR: "relative" } });
  assert.deepEqual(found, [
    "defaults: socket has no default if HOME is not set, expected --socket or DISKD_SOCKET",
    "defaults: stateDir has no default if HOME is not set, expected --state-dir or DISKD_STATE_DIR",
  ]);
  const flags = { socket: "/s", stateDir: "/d" };
  assert.deepEqual(problems({ uid: 1000, flags }), []);
});

Deno.test("ConfigError lists all problems in its message", () => {
  const error = new ConfigError([
    { place: "flag --port", key: "port", message: "port is 0" },
    { place: "flag --ttl", key: "ttl", message: "ttl is 0" },
  ]);
  assert.equal(
    error.message,
    "Cannot use the configuration, 2 problems:\n" +
      "  flag --port: port is 0\n  flag --ttl: ttl is 0",
  );
});

const KEY_FILE = "keys: {mode: require, files: [/k]}\n";

Deno.test("loadConfig() takes one key file without a list, and encrypt at the top", () => {
  assert.deepEqual(
    load({
      files: { [FILE]: "keys: {mode: require, files: /k}\nencrypt: true" },
    }),
    {
      ...DEFAULTS,
      keysMode: "require",
      keysFiles: ["/k"],
      keysEncrypt: true,
    },
  );
  const twice =
    "encrypt: true\nkeys: {mode: require, files: /k, encrypt: true}";
  assert.deepEqual(problems({ files: { [FILE]: twice } }), [
    `${FILE} line 2: keys.encrypt is the same as encrypt, expected only one`,
  ]);
});

Deno.test("loadConfig() takes keys from the file alone", () => {
  const env = { DISKD_KEYS_FILES: "/k", DISKD_ENCRYPT: "true" };
  assert.deepEqual(problems({ env }), [
    "environment variable DISKD_KEYS_FILES: unknown, keys.files can be set only in the file",
    "environment variable DISKD_ENCRYPT: unknown, keys.encrypt can be set only in the file",
  ]);
  const flags = { keysFiles: ["/k"], "keys.mode": "require" } as ConfigFlags;
  assert.deepEqual(load({ flags }), DEFAULTS);
});

Deno.test("loadConfig() refuses what cannot be the path of a key file", () => {
  const expected =
    "expected the absolute paths of at most 8 key files, without duplicates";
  const many = Array.from({ length: 9 }, (_, i) => `/${i}`);
  for (
    const [text, found] of [
      ["[key]", '["key"]'],
      ['""', '""'],
      ["[/a, /b, /a]", '["/a","/b","/a"]'],
      [`[${many}]`, JSON.stringify(many)],
      ["", "null"],
    ]
  ) {
    const file = `keys:\n  mode: accept\n  files: ${text}\n`;
    assert.deepEqual(problems({ files: { [FILE]: file } }), [
      `${FILE} line 3: keys.files is ${found}, ${expected}`,
    ]);
  }
});

Deno.test("loadConfig() refuses keys that nothing uses, and a mode without keys", () => {
  const noMode = "keys:\n  files: [/k]\n";
  assert.deepEqual(problems({ files: { [FILE]: noMode } }), [
    `${FILE} line 2: keys.files names key files, but keys.mode is open, which uses none; expected mode: accept or mode: require beside it`,
  ]);
  const noFiles = "keys:\n  mode: require\n";
  assert.deepEqual(problems({ files: { [FILE]: noFiles } }), [
    `${FILE} line 2: keys.mode is require, but keys.files names no key file; expected files: [/etc/diskd/key] beside it, and there a key of diskd key new`,
  ]);
  assert.deepEqual(problems({ files: { [FILE]: "encrypt: true\n" } }), [
    `${FILE} line 1: encrypt is true, but keys.mode is open, so there is no key to encrypt with; expected keys.mode accept or require, and keys.files`,
  ]);
  assert.deepEqual(problems({ files: { [FILE]: KEY_FILE } }), []);
});

Deno.test("loadConfig() does not say that keys are unused where their mode is wrong", () => {
  const text = "keys: {mode: on, files: [/k]}\n";
  assert.deepEqual(problems({ files: { [FILE]: text } }), [
    `${FILE} line 1: keys.mode is "on", expected one of open, accept, require`,
  ]);
});

Deno.test("loadConfig() refuses one path for both sockets, and a group for none", () => {
  assert.deepEqual(
    problems({ flags: { readSocket: "/run/diskd/control.sock" } }),
    [
      "flag --read-socket: readSocket is the same as socket, expected another path",
    ],
  );
  assert.deepEqual(problems({ env: { DISKD_READ_SOCKET_GROUP: "disk" } }), [
    "environment variable DISKD_READ_SOCKET_GROUP: readSocketGroup is given, but readSocket is not; expected both or neither",
  ]);
});

Deno.test("loadConfig() takes one disk that may be mounted without a list", () => {
  const file = "mount: {allow: backup}\n";
  assert.deepEqual(load({ files: { [FILE]: file } }), {
    ...DEFAULTS,
    mountAllow: ["backup"],
  });
});

Deno.test("loadConfig() takes what may be mounted, and names for ssh, from the file alone", () => {
  assert.deepEqual(problems({ env: { DISKD_MOUNT_ALLOW: "*" } }), [
    "environment variable DISKD_MOUNT_ALLOW: unknown, mount.allow can be set only in the file",
  ]);
  assert.deepEqual(problems({ env: { DISKD_LOCATE_ALLOW: "*" } }), [
    "environment variable DISKD_LOCATE_ALLOW: unknown, locate.allow can be set only in the file",
  ]);
  const flags = { mountAllow: ["*"], ssh: { a: "b" } } as ConfigFlags;
  assert.deepEqual(load({ flags }), DEFAULTS);
});

Deno.test("loadConfig() refuses what can be no label or UUID", () => {
  const expected =
    "expected at most 1000 labels or UUIDs, with the wildcards * and ?; a number in quotes";
  for (
    const [text, found] of [
      ["[2019]", "[2019]"],
      ['[""]', '[""]'],
      ["{a: b}", '{"a":"b"}'],
      ["", "null"],
      ["true", "true"],
    ]
  ) {
    const file = `mount:\n  allow: ${text}\n`;
    assert.deepEqual(problems({ files: { [FILE]: file } }), [
      `${FILE} line 2: mount.allow is ${found}, ${expected}`,
    ]);
  }
  const long = `mount: {allow: [${"a".repeat(256)}]}`;
  assert.equal(problems({ files: { [FILE]: long } }).length, 1);
  const many = Array.from({ length: 1001 }, (_, i) => `x${i}`);
  const file = `mount: {allow: [${many}]}`;
  assert.equal(problems({ files: { [FILE]: file } }).length, 1);
});

Deno.test("loadConfig() refuses what ssh could take for something else than a host", () => {
  const names = [
    '"-oProxyCommand=touch /tmp/x"',
    '"a b"',
    '"a@-b"',
    '"-a@b"',
    '"a@b@c"',
    '"a\\nb"',
    '""',
    '"b-"',
    "12",
    "null",
    "[a]",
    `"${"a".repeat(254)}"`,
  ];
  for (const name of names) {
    const [problem, ...more] = problems({
      files: { [FILE]: `ssh:\n  beta: ${name}\n` },
    });
    assert.match(
      problem ?? name,
      / line 1: ssh is \{"beta":.*, expected a map/,
    );
    assert.deepEqual(more, []);
  }
  for (const map of ["[a]", "beta", "", '{"": b}']) {
    const found = problems({ files: { [FILE]: `ssh: ${map}\n` } });
    assert.equal(found.length, 1, map);
  }
});

Deno.test("loadConfig() takes any name that a host may have for one of ssh", () => {
  const file = "ssh: {constructor: a, __proto__: b, 'x y': c}\n";
  assert.deepEqual(Object.entries(load({ files: { [FILE]: file } }).ssh), [
    ["constructor", "a"],
    ["__proto__", "b"],
    ["x y", "c"],
  ]);
});
