import assert from "node:assert/strict";
import { ConfigError } from "../../../src/config/config_error.ts";
import { loadConfig } from "../../../src/config/load_config.ts";
import {
  checkNotifyFiles,
  loadEndpoints,
} from "../../../src/daemon/endpoints.ts";

const URL_TEXT = "https://ntfy.example/SECRET?key=SECRET";
const UID = Deno.uid();

/** A directory with these files, each with its mode. */
function files(
  texts: Readonly<Record<string, readonly [text: string, mode?: number]>>,
) {
  const directory = Deno.makeTempDirSync();
  for (const [name, [text, mode = 0o600]] of Object.entries(texts)) {
    Deno.writeTextFileSync(`${directory}/${name}`, text, { mode });
    Deno.chmodSync(`${directory}/${name}`, mode);
  }
  const load = (notify: string) => {
    const text = `notify: ${notify.replaceAll("@", directory)}`;
    const readText = () => text;
    return loadConfig({ flags: {}, env: {}, readText, uid: 0 });
  };
  return {
    load,
    endpoints: (notify: string) => loadEndpoints(load(notify), { uid: UID }),
    /** The messages, without the directory. */
    problems(notify: string): string[] {
      try {
        loadEndpoints(load(notify), { uid: UID });
      } catch (error) {
        assert.ok(error instanceof ConfigError, String(error));
        assert.doesNotMatch(error.message, /SECRET/);
        return error.problems.map(({ place, key, message }) =>
          `${place.replace(directory, "@")} (${key}) ${message}`
        );
      }
      return [];
    },
    [Symbol.dispose]: () => Deno.removeSync(directory, { recursive: true }),
  };
}

Deno.test("loadEndpoints() reads addresses and headers from files that only their owner can read", () => {
  using site = files({
    url: [`  ${URL_TEXT}\n\n`],
    headers: [
      "# of the server\n\nAuthorization: Bearer SECRET\r\nX-Gotify-Key:SECRET\n",
      0o400,
    ],
  });
  const [first, second] = site.endpoints(
    "[{urlFile: @/url, headersFile: @/headers, on: gone}, {url: 'http://a/b'}]",
  );
  assert.deepEqual(first, {
    origin: "https://ntfy.example",
    url: URL_TEXT,
    headers: [["Authorization", "Bearer SECRET"], ["X-Gotify-Key", "SECRET"]],
    on: new Set(["gone"]),
    disks: null,
  });
  assert.equal(second?.url, "http://a/b");
  assert.deepEqual(second.headers, []);
});

Deno.test("loadEndpoints() says what is wrong with each file, and nothing of what is in it", () => {
  using site = files({
    open: [URL_TEXT, 0o644],
    ftp: ["ftp://SECRET/"],
    two: [`${URL_TEXT}\n${URL_TEXT}`],
    empty: [""],
    long: ["SECRET".repeat(1_000)],
    host: ["Host: SECRET"],
    words: ["Bearer SECRET"],
    many: ["A: SECRET\n".repeat(17)],
    control: ["A: SECRET\x1b[31m"],
    url: [URL_TEXT],
  });
  const url = (name: string) => site.problems(`{urlFile: @/${name}}`).join();
  assert.match(
    url("open"),
    /^@\/open \(notify\.urlFile\) has mode 0644, so other users can access it; expected 0600; fix it with chmod 600, and make a new token if /,
  );
  assert.match(
    url("none"),
    /does not exist; expected a file with mode 0600 and one line, an http or https address/,
  );
  assert.match(url("."), /is a directory; expected a file with a token$/);
  for (const name of ["ftp", "two", "empty"]) {
    assert.match(url(name), /has other contents; expected one line, an http/);
  }
  assert.match(url("long"), /has 6000 bytes; expected one line/);
  for (const name of ["host", "words", "many", "control", "empty"]) {
    const notify = `{urlFile: @/url, headersFile: @/${name}}`;
    assert.match(
      site.problems(notify).join(),
      /\(notify\.headersFile\) has other contents; expected 1 to 16 headers, a line each, such as Authorization: Bearer TOKEN$/,
    );
  }
  assert.equal(
    site.problems("[{urlFile: @/none}, {urlFile: @/url, headersFile: @/words}]")
      .length,
    2,
  );
});

Deno.test("checkNotifyFiles() has the problem of each file, for config check", () => {
  using site = files({ url: [URL_TEXT], headers: ["SECRET"] });
  const config = site.load("{urlFile: @/url, headersFile: @/headers}");
  const checked = checkNotifyFiles(config, { uid: UID });
  assert.deepEqual(
    checked.map(({ setting, isDenied, problem }) => [
      setting,
      isDenied,
      problem?.slice(0, 18) ?? null,
    ]),
    [
      ["notify.urlFile", false, null],
      ["notify.headersFile", false, "has other contents"],
    ],
  );
});
