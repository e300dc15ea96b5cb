import assert from "node:assert/strict";
import { ConfigError } from "../../../src/config/config_error.ts";
import { loadConfig } from "../../../src/config/load_config.ts";
import { SETTINGS, showSetting } from "../../../src/config/settings.ts";

function load(text: string) {
  return loadConfig({ flags: {}, env: {}, readText: () => text, uid: 0 });
}

/** What is wrong, without the place. */
function problemsOf(text: string): string[] {
  try {
    load(text);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.problems.map(({ message }) => message);
  }
  return [];
}

const ALL = ["failing", "overdue", "gone", "moved", "attached"];

Deno.test("expect has names, globs and tags of disks, and how often they are to be seen", () => {
  const { expect } = load(
    `expect: [{disks: ["backup-*", tag: Offsite], seenEvery: 8d}, {disks: photos, seenEvery: 90m}]`,
  );
  assert.deepEqual(expect, [
    { disks: ["backup-*", { tag: "offsite" }], seenEveryMs: 8 * 86_400_000 },
    { disks: ["photos"], seenEveryMs: 90 * 60_000 },
  ]);
  assert.deepEqual(load("expect: {disks: photos, seenEvery: 1d}").expect, [
    { disks: ["photos"], seenEveryMs: 86_400_000 },
  ]);
});

Deno.test("notify has an address, events, and disks", () => {
  const { notify } = load(`
notify:
  - url: https://ntfy.sh/secret?x=secret
    on: [gone, failing]
    disks: ["backup-*", tag: offsite]
  - {urlFile: /etc/diskd/url, headersFile: /etc/diskd/headers, on: overdue}
  - url: http://192.168.1.2:8123/api/webhook/secret
`);
  assert.deepEqual(notify, [
    {
      url: "https://ntfy.sh/secret?x=secret",
      urlFile: null,
      headersFile: null,
      on: ["failing", "gone"],
      disks: ["backup-*", { tag: "offsite" }],
    },
    {
      url: null,
      urlFile: "/etc/diskd/url",
      headersFile: "/etc/diskd/headers",
      on: ["overdue"],
      disks: null,
    },
    {
      url: "http://192.168.1.2:8123/api/webhook/secret",
      urlFile: null,
      headersFile: null,
      on: ALL,
      disks: null,
    },
  ]);
  const shown = showSetting(SETTINGS.notify, notify);
  assert.equal(
    shown,
    "https://ntfy.sh on failing gone of backup-* tag: offsite; " +
      "the address in /etc/diskd/url on overdue; " +
      `http://192.168.1.2:8123 on ${ALL.join(" ")}`,
  );
  const json = JSON.stringify(SETTINGS.notify.type.withoutSecrets?.(notify));
  assert.doesNotMatch(json, /secret/);
  assert.match(json, /"url":"https:\/\/ntfy.sh"/);
});

const WRONG: readonly (readonly [text: string, message: RegExp])[] = [
  ["expect: backup", /^expect is no map, expected one of disks, seenEvery$/],
  ["expect:", /^expect is no map/],
  [
    "expect: [{disks: a}]",
    /^expect\.1 has no seenEvery, expected seconds, or /,
  ],
  ["expect: [{seenEvery: 1d}]", /^expect\.1 has no disks, expected 1 to 100 /],
  [
    "expect: [{disks: a, seenEvery: 1d}, {disks: a, seenEvery: soon}]",
    /^expect\.2\.seenEvery is "soon", expected .* at least 1s, at most 3650d$/,
  ],
  [
    "expect: [{disks: a, seenEvery: 1d, disk: b}]",
    /^expect\.1 has the unknown key "disk", did you mean disks\?$/,
  ],
  ["expect: [{disks: [], seenEvery: 1d}]", /^expect\.1\.disks is \[\], /],
  ["expect: [{disks: [2019], seenEvery: 1d}]", /a number in quotes$/],
  ["expect: [{disks: {tags: x}, seenEvery: 1d}]", /tags such as tag: offsite/],
  ["expect: [{disks: a, seenEvery: 0}]", /at least 1s/],
  ["notify: {on: gone}", /^notify has neither url nor urlFile, /],
  [
    "notify: [{url: 'http://a/secret', urlFile: /secret}]",
    /^notify\.1 has both url and urlFile, expected one of them$/,
  ],
  [
    "notify: [{url: 'http://a/secret', on: [gone, lost]}]",
    /^notify\.1\.on is \["gone","lost"\], expected one or more of failing, overdue, gone, moved, attached$/,
  ],
  ["notify: [{urlFile: secret}]", /^notify\.1\.urlFile is "secret", expected/],
  [
    "notify: [{url: 'ftp://a/secret'}]",
    /^notify\.1\.url is wrong, expected an http or https address of at most 2048 bytes, without user and password/,
  ],
  ["notify: [{url: 'https://me:secret@a/'}]", /^notify\.1\.url is wrong/],
  ["notify: [{url: 'https://a/ secret'}]", /^notify\.1\.url is wrong/],
  [`notify: [{url: 'https://a/${"x".repeat(2_048)}'}]`, /url is wrong/],
  ["notify: https://a/secret", /^notify is no map, expected one of url, /],
  ["notify: [https://a/secret]", /^notify\.1 is no map/],
  ["notify: [{https://a/secret: x}]", /^notify\.1 has an address as a key/],
  [
    `notify: [${"{urlFile: /a}, ".repeat(17)}]`,
    /^notify has 17 entries, expected a list of at most 16 maps/,
  ],
];

for (const [text, message] of WRONG) {
  Deno.test(`a configuration is wrong, and its secrets are not said: ${text.slice(0, 70)}`, () => {
    const [problem, ...others] = problemsOf(text);
    assert.match(problem ?? "", message);
    assert.deepEqual(others, []);
    if (!text.includes("urlFile: secret")) {
      assert.doesNotMatch(problem!, /secret/);
    }
  });
}
