/** The steps of .github/workflows/release.yml that need nothing of GitHub. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { load } from "js-yaml";
import { ReleaseFiles } from "../support/installing.ts";
import { needs } from "../support/needs.ts";
import { type Outcome, run, runOrThrow } from "../support/process.ts";
import { PROJECT } from "../support/program.ts";

const VERSION = "0.9.0";
const REPOSITORY = "somebody/disks";

const WORKFLOW = load(
  await Deno.readTextFile(join(PROJECT, ".github/workflows/release.yml")),
) as { jobs: { release: { steps: { name?: string; run?: string }[] } } };

const ENV = {
  PATH: Deno.env.get("PATH")!,
  VERSION,
  GITHUB_REPOSITORY: REPOSITORY,
  HOME: "/nonexistent",
};

/** Where the job runs, before it collects: its tasks have made this. */
class Workspace implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async make(): Promise<Workspace> {
    const path = await Deno.makeTempDir({ prefix: "diskd_job_" });
    const workspace = new Workspace(path);
    for (const folder of ["release", "dist/packages", "temp"]) {
      await Deno.mkdir(join(path, folder), { recursive: true });
    }
    await runOrThrow(["cp", "-r", join(PROJECT, "packaging"), path], {
      env: ENV,
    });
    await using files = await ReleaseFiles.make(VERSION);
    for (const arch of ["x86_64", "aarch64"]) {
      const binary = `diskd-${VERSION}-linux-${arch}`;
      await workspace.write(`release/${binary}`, await files.read(binary));
    }
    for (
      const made of [
        "packages/diskd_0.9.0-1_amd64.deb",
        "packages/diskd-0.9.0-1.x86_64.rpm",
        "licences.txt",
        `diskd-${VERSION}.cdx.json`,
      ]
    ) await workspace.write(`dist/${made}`, made);
    await workspace.write("temp/notes.md", "https://github.com/OWNER/diskd\n");
    return workspace;
  }

  write(name: string, text: string): Promise<void> {
    return Deno.writeTextFile(join(this.path, name), text);
  }

  read(name: string): Promise<string> {
    return Deno.readTextFile(join(this.path, name));
  }

  /** Runs a step as the runner does. */
  step(name: string, env: Record<string, string> = {}): Promise<Outcome> {
    const script = WORKFLOW.jobs.release.steps
      .find((step) => step.name === name)?.run;
    assert.ok(script, name);
    const there = `cd ${this.path}\n${script}`;
    return run(["bash", "-e", "-c", there], {
      env: { ...ENV, RUNNER_TEMP: join(this.path, "temp"), ...env },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

Deno.test({
  ...needs("the release job makes all that install.sh asks for", {
    programs: ["bash", "sha256sum"],
  }),
  async fn() {
    await using workspace = await Workspace.make();
    succeeded(await workspace.step("Say where the project is"));
    succeeded(await workspace.step("Collect"));
    const names = [...Deno.readDirSync(join(workspace.path, "release"))]
      .map(({ name }) => name).sort();
    const sums = await workspace.read("release/SHA256SUMS");
    assert.deepEqual(
      sums.trim().split("\n").map((line) => line.slice(66)).sort(),
      names.filter((name) => name !== "SHA256SUMS"),
    );
    for (
      const name of [...names.map((name) => `release/${name}`), "temp/notes.md"]
    ) {
      assert.doesNotMatch(await workspace.read(name), /OWNER\/diskd/, name);
    }
    assert.match(
      await workspace.read("release/install.sh"),
      /^readonly HOME_PAGE=https:\/\/github\.com\/somebody\/disks$/m,
    );
    // As root it must not write to the machine.
    const noSystemd = join(workspace.path, "temp/bin");
    await Deno.mkdir(noSystemd);
    await workspace.write("temp/bin/id", "#!/bin/sh\necho 1000\n");
    await Deno.chmod(join(noSystemd, "id"), 0o755);
    succeeded(
      await workspace.step("Install and remove it once", {
        PATH: `${noSystemd}:${ENV.PATH}`,
      }),
    );
  },
});

Deno.test({
  ...needs(
    "the release job signs with a key that install.sh knows, or not at all",
    {
      programs: ["bash", "minisign"],
    },
  ),
  async fn() {
    await using workspace = await Workspace.make();
    const [mine, other] = [await makeKey(workspace), await makeKey(workspace)];
    succeeded(await workspace.step("Say where the project is"));
    succeeded(await workspace.step("Collect"));
    const sign = (key: string) => workspace.step("Sign", { MINISIGN_KEY: key });
    const unsigned = succeeded(await sign(""));
    assert.match(unsigned.stdout, /^::notice::Not signed/m);
    const signature = join(workspace.path, "release/SHA256SUMS.minisig");
    await assert.rejects(Deno.stat(signature));
    assert.match(
      (await sign(mine.secret)).stdout,
      /^::error::.* one is missing/m,
    );
    const script = await workspace.read("release/install.sh");
    await workspace.write(
      "release/install.sh",
      script.replace("PUBLIC_KEY=''", `PUBLIC_KEY='${mine.open}'`),
    );
    assert.match((await sign("")).stdout, /^::error::.* one is missing/m);
    assert.match(
      (await sign(other.secret)).stdout,
      /^::error::.* is not that of/m,
    );
    assert.match(succeeded(await sign(mine.secret)).stdout, /diskd 0\.9\.0/);
    assert.ok((await Deno.stat(signature)).isFile);
    await assert.rejects(Deno.stat(join(workspace.path, "temp/minisign.key")));
  },
});

function succeeded(outcome: Outcome): Outcome {
  assert.equal(outcome.code, 0, outcome.stdout + outcome.stderr);
  return outcome;
}

async function makeKey(
  { path }: Workspace,
): Promise<{ secret: string; open: string }> {
  const files = ["secret", "open"].map((name) => join(path, name)) as [
    string,
    string,
  ];
  const [secret, open] = files;
  const argv = ["minisign", "-G", "-f", "-W", "-s", secret, "-p", open];
  await runOrThrow(argv, { env: ENV });
  return {
    secret: await Deno.readTextFile(secret),
    open: (await Deno.readTextFile(open)).trim().split("\n").at(-1)!,
  };
}
