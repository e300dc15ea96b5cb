import assert from "node:assert/strict";
import { join } from "node:path";
import { sourceDateSeconds } from "../../../packaging/tasks/source_date.ts";
import { runOrThrow } from "../../support/process.ts";

const FIXED_SECONDS = 946_684_800;
const COMMIT_SECONDS = 1_234_567_890;

async function inFolder(test: (folder: string) => unknown): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "diskd_date_" });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function commit(folder: string): Promise<void> {
  const date = `@${COMMIT_SECONDS} +0900`;
  const env = {
    PATH: Deno.env.get("PATH")!,
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_AUTHOR_DATE: "@1 +0000",
    GIT_COMMITTER_DATE: date,
  };
  const who = ["-c", "user.name=a", "-c", "user.email=a@localhost"];
  const git = ["git", "-C", folder, ...who];
  await runOrThrow([...git, "init", "--quiet"], { env });
  const message = ["--quiet", "--allow-empty", "--message=a"];
  await runOrThrow([...git, "commit", ...message], { env });
}

Deno.test("sourceDateSeconds() is SOURCE_DATE_EPOCH where that is given", () =>
  inFolder(async (folder) => {
    await commit(folder);
    assert.equal(sourceDateSeconds(folder, "1700000000"), 1_700_000_000);
    assert.equal(sourceDateSeconds(folder, "0"), 0);
  }));

Deno.test("sourceDateSeconds() is else the time of the commit", () =>
  inFolder(async (folder) => {
    await commit(folder);
    assert.equal(sourceDateSeconds(folder, ""), COMMIT_SECONDS);
    assert.equal(sourceDateSeconds(`${folder}/`, ""), COMMIT_SECONDS);
  }));

Deno.test("sourceDateSeconds() is fixed without git, and in a repository of something else", () =>
  inFolder(async (folder) => {
    assert.equal(sourceDateSeconds(folder, ""), FIXED_SECONDS);
    await commit(folder);
    const unpacked = join(folder, "diskd-0.1.0");
    await Deno.mkdir(unpacked);
    assert.equal(sourceDateSeconds(unpacked, ""), FIXED_SECONDS);
  }));

Deno.test("sourceDateSeconds() refuses what are not seconds since 1970", () => {
  for (const wrong of ["yesterday", "-1", "1.5", "2026-01-01"]) {
    assert.throws(() => sourceDateSeconds("/", wrong), /SOURCE_DATE_EPOCH is/);
  }
});
