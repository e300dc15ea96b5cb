import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { needs } from "../../../support/needs.ts";
import { Process, runOrThrow } from "../../../support/process.ts";
import { programEnv, PROJECT } from "../../../support/program.ts";
import { TemporaryHistory } from "./temporary_history.ts";

const SCRIPT = fileURLToPath(new URL("use_history_main.ts", import.meta.url));
const NEEDS = { root: true, programs: ["unshare", "mount", "setpriv"] };
const DENO = [Deno.execPath(), "run", "--quiet", "--no-prompt"];
const LIMITED = [
  ...DENO,
  "--cached-only",
  "-P=diskd",
  `--config=${PROJECT}/deno.json`,
  SCRIPT,
];
const ENV = {
  ...programEnv(),
  PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
  NO_COLOR: "1",
};

Deno.test({
  ...needs(
    "the permissions of diskd suffice for a history in its directory",
    NEEDS,
  ),
  async fn() {
    const outcome = await inOwnMounts({
      before: "mount -t tmpfs none /var/lib",
      path: "/var/lib/diskd/history.db",
      after: 'stat -c "%a %n" /var/lib/diskd /var/lib/diskd/*',
    });
    assert.deepEqual(outcome, {
      opened: true,
      count: 1,
      problem: null,
      after: ["700 /var/lib/diskd", "600 /var/lib/diskd/history.db"],
    });
  },
});

Deno.test({
  ...needs("without space there is no history, and a sentence", NEEDS),
  async fn() {
    const outcome = await inOwnMounts({
      before:
        "mount -t tmpfs -o size=64k none /run; head -c 64k /dev/zero > /run/ballast",
      path: "/run/history.db",
    });
    assert.equal(outcome.opened, false);
    assert.match(
      outcome.problem ?? "",
      /^No space is left for \/run\/history\.db, so no history is kept; make room there/,
    );
  },
});

Deno.test({
  ...needs(
    "when the space is used up it works on, and writes what waits when there is some again",
    NEEDS,
  ),
  async fn() {
    const outcome = await inOwnMounts({
      before:
        "mount -t tmpfs -o size=6m none /run; head -c 3m /dev/zero > /run/ballast",
      path: "/run/history.db",
      ballast: "/run/ballast",
    });
    assert.match(
      outcome.problem ?? "",
      /^No space is left for \/run\/history\.db/,
    );
    assert.equal(outcome.stillProblem, outcome.problem);
    assert.ok(outcome.known! > 500, "what was written before can be read");
    assert.equal(outcome.problemAfter, null);
    assert.equal(outcome.count, outcome.begun, "all that waited is written");
  },
});

Deno.test({
  ...needs(
    "a file system that is read-only means no history, and a sentence",
    NEEDS,
  ),
  async fn() {
    for (const made of ["true", "touch /run/history.db"]) {
      const outcome = await inOwnMounts({
        before: `mount -t tmpfs none /run; ${made}; mount -o remount,ro /run`,
        path: "/run/history.db",
      });
      assert.equal(outcome.opened, false);
      assert.match(
        outcome.problem ?? "",
        /^Cannot write \/run\/history\.db \(.*read-only.*\), so no history is kept; make the file and its directory writable/i,
      );
    }
  },
});

for (
  const [what, chmod] of [
    ["directory", "chmod 500 /run/state"],
    [
      "directory with a file of its own",
      "touch /run/state/history.db; chmod 600 /run/state/history.db; chmod 500 /run/state",
    ],
    [
      "file",
      "touch /run/state/history.db; chown 1 /run/state/history.db; chmod 644 /run/state/history.db",
    ],
  ] as const
) {
  Deno.test({
    ...needs(
      `a ${what} that may not be written means no history, and a sentence`,
      NEEDS,
    ),
    async fn() {
      const outcome = await inOwnMounts({
        before: `mount -t tmpfs none /run; mkdir /run/state; ${chmod}`,
        as: "setpriv --bounding-set=-all",
        path: "/run/state/history.db",
      });
      assert.equal(outcome.opened, false);
      assert.match(
        outcome.problem ?? "",
        /^Cannot write \/run\/state\/history\.db \(/,
      );
    },
  });
}

Deno.test("a file that another process has locked means no history, and a sentence", async () => {
  using temporary = new TemporaryHistory();
  (await temporary.open()).close();
  await using holder = new Process([
    ...DENO,
    "-A",
    "--ext=ts",
    "--no-config",
    "-",
  ], { env: ENV, stdin: "piped" });
  await holder.write(`
    import { DatabaseSync } from "node:sqlite";
    const database = new DatabaseSync(${JSON.stringify(temporary.path)});
    database.exec("BEGIN EXCLUSIVE");
    console.log("locked");
    setInterval(() => {}, 1_000);
  `);
  await holder.closeInput();
  await holder.waitForLog(/locked/);
  const { history, problem } = await temporary.tryOpen();
  assert.equal(history, null);
  assert.match(
    problem ?? "",
    /history\.db is in use by another process, so no history is kept; end that process/,
  );
  await holder.stop("SIGKILL");
  await temporary.open();
});

Deno.test("a second history on the same file is none", async () => {
  using temporary = new TemporaryHistory();
  await temporary.open();
  const { history, problem } = await temporary.tryOpen();
  assert.equal(history, null);
  assert.match(problem ?? "", /is in use by another process/);
});

Deno.test("a directory that cannot be made means no history, and a sentence", async () => {
  using temporary = new TemporaryHistory();
  Deno.writeTextFileSync(`${temporary.folder}/file`, "");
  const path = `${temporary.folder}/file/history.db`;
  const { history, problem } = await temporary.tryOpen({ path });
  assert.equal(history, null);
  assert.match(
    problem ?? "",
    /^Cannot write .*\(File exists.*\), so no history is kept/,
  );
});

/** What use_history_main.ts prints, and the lines of `after`. */
interface Outcome {
  readonly opened: boolean;
  readonly problem: string | null;
  readonly count?: number;
  readonly known?: number;
  readonly begun?: number;
  readonly stillProblem?: string | null;
  readonly problemAfter?: string | null;
  readonly after?: readonly string[];
}

/** Uses a history among mounts that nobody else sees. */
async function inOwnMounts(
  { before, as = "", path, ballast = "", after }: {
    /** Shell commands before. */
    readonly before: string;
    /** A command that runs another with fewer rights. */
    readonly as?: string;
    readonly path: string;
    readonly ballast?: string;
    /** A shell command while the file is there. */
    readonly after?: string;
  },
): Promise<Outcome> {
  const use = `${as} "$@" ${path} ${ballast}`;
  const script = [before, use, ...after ? [after] : []].join("\n");
  const printed = await runOrThrow(
    ["unshare", "--mount", "sh", "-ec", script, "sh", ...LIMITED],
    { env: ENV },
  );
  const [json, ...lines] = printed.trimEnd().split("\n");
  const outcome: Outcome = JSON.parse(json!);
  return after ? { ...outcome, after: lines } : outcome;
}
