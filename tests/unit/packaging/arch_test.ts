import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { packageFiles } from "../../../packaging/tasks/package_files.ts";
import { releaseFiles, withSums } from "../../../packaging/tasks/pkgbuild.ts";
import { VERSION } from "../../../src/version.ts";
import { needs } from "../../support/needs.ts";
import { run, runOrThrow } from "../../support/process.ts";
import { PROJECT } from "../../support/program.ts";

const PACKAGING = join(PROJECT, "packaging");
const PKGBUILD = Deno.readTextFileSync(join(PACKAGING, "arch/PKGBUILD"));
const ENV = { PATH: Deno.env.get("PATH")! };
const FILES = releaseFiles(PKGBUILD);

/** What the .deb and the .rpm have, by its path. */
const PACKAGED = new Map(
  (await packageFiles({
    binary: "/diskd",
    layout: { zshFolder: "/usr/share/zsh/site-functions" },
  })).map(({ path, content }) => [path, content]),
);

/** Sums that differ from each other. */
function sums(files: readonly string[]): string {
  return files.map((file, index) => `${sum(index)}  ${file}\n`).join("");
}

function sum(index: number): string {
  return String(index).padStart(64, "0");
}

const BINARIES = ["x86_64", "aarch64"].map((arch) =>
  `diskd-${VERSION}-linux-${arch}`
);

Deno.test("The PKGBUILD is of the version that is built", () => {
  assert.match(PKGBUILD, new RegExp(`^pkgver=${VERSION}$`, "m"));
});

Deno.test("The PKGBUILD has no sums, which are known after a release", () => {
  assert.deepEqual(PKGBUILD.match(/^sha256sums.*$/gm), [
    "sha256sums=()",
    "sha256sums_x86_64=()",
    "sha256sums_aarch64=()",
  ]);
  assert.doesNotMatch(PKGBUILD, /[0-9a-f]{64}|SKIP/);
});

Deno.test("The task fills in the sum of each file of a release, in their order", async () => {
  const all = [...FILES, ...BINARIES];
  const filled = withSums(PKGBUILD, { version: VERSION, sums: sums(all) });
  const names = ["sha256sums", "sha256sums_x86_64", "sha256sums_aarch64"];
  const print = names.map((name) => `echo "\${${name}[@]}"`).join("; ");
  const out = await bash(`${print}; echo "\${source[@]}"`, filled);
  const [common, x86, arm, sources] = out.trim().split("\n");
  assert.equal(common, FILES.map((_, index) => sum(index)).join(" "));
  assert.equal(x86, sum(FILES.length));
  assert.equal(arm, sum(FILES.length + 1));
  assert.deepEqual(sources!.split(" ").map((url) => basename(url)), FILES);
});

Deno.test("The task refuses a release that lacks a file", () => {
  const lacking = sums([...FILES.slice(1), ...BINARIES]);
  assert.throws(
    () => withSums(PKGBUILD, { version: VERSION, sums: lacking }),
    new RegExp(`no sum of ${FILES[0]}`),
  );
});

Deno.test("package() of the PKGBUILD installs everything where Arch looks for it", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "diskd-arch-" });
  try {
    const source = `${folder}/src`;
    Deno.mkdirSync(source);
    for (const file of FILES) {
      Deno.writeTextFileSync(`${source}/diskd-${VERSION}-${file}`, text(file));
    }
    const binary = "#!/bin/sh\necho completions: $2\n";
    Deno.writeTextFileSync(`${source}/${BINARIES[0]}`, binary);
    const script = "set -e; CARCH=x86_64; package";
    await bash(script, PKGBUILD, { srcdir: source, pkgdir: `${folder}/pkg` });
    const files = await runOrThrow(
      ["find", `${folder}/pkg`, "-type", "f", "-printf", "%P %m\n"],
      { env: ENV },
    );
    assert.deepEqual(files.trim().split("\n").sort(), [
      "usr/bin/diskd 755",
      "usr/lib/systemd/system/diskd-web.service 644",
      "usr/lib/systemd/system/diskd.service 644",
      "usr/lib/sysusers.d/diskd.conf 644",
      "usr/share/bash-completion/completions/diskd 644",
      "usr/share/doc/diskd/examples/config.example.yaml 644",
      "usr/share/fish/vendor_completions.d/diskd.fish 644",
      "usr/share/licenses/diskd-bin/licences.txt 644",
      "usr/share/man/man1/diskd.1 644",
      "usr/share/man/man5/diskd.yaml.5 644",
      "usr/share/man/man8/diskd.8 644",
      "usr/share/zsh/site-functions/_diskd 644",
    ]);
    const own = /^usr\/share\/licenses\//;
    for (const line of files.trim().split("\n")) {
      const path = `/${line.split(" ")[0]}`;
      const known = PACKAGED.has(path) || PACKAGED.has(`${path}.gz`);
      assert.ok(known || own.test(path.slice(1)), path);
    }
    const units = `${folder}/pkg/usr/lib/systemd/system`;
    for (const { name } of Deno.readDirSync(units)) {
      const unit = Deno.readTextFileSync(`${units}/${name}`);
      assert.match(unit, /^ExecStart=\/usr\/bin\/diskd /m);
      const debian = PACKAGED.get(`/usr/lib/systemd/system/${name}`);
      assert.equal(unit, debian);
    }
    assert.equal(
      Deno.readTextFileSync(
        `${folder}/pkg/usr/share/zsh/site-functions/_diskd`,
      ),
      "completions: zsh\n",
    );
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test({
  ...needs("shellcheck has no remark on the scripts for other systems", {
    programs: ["shellcheck"],
  }),
  async fn() {
    // Of a PKGBUILD, makepkg reads the variables and sets others.
    const pkgbuild = await run(
      [
        "shellcheck",
        "-s",
        "bash",
        "-e",
        "SC2034,SC2154",
        `${PACKAGING}/arch/PKGBUILD`,
      ],
      { env: ENV },
    );
    assert.equal(pkgbuild.stdout, "");
    const patch = await run(["shellcheck", `${PACKAGING}/nix/patch.sh`], {
      env: ENV,
    });
    assert.equal(patch.stdout, "");
  },
});

/** A file of the release. */
function text(file: string): string {
  // Made by `deno task licences`.
  if (file === "licences.txt") return "licences\n";
  const folder = /\.\d$/.test(file) ? "man/" : "";
  return Deno.readTextFileSync(join(PACKAGING, folder + file));
}

/** Runs a script after a PKGBUILD, as makepkg does. */
function bash(
  script: string,
  pkgbuild: string,
  env: Record<string, string> = {},
): Promise<string> {
  return runOrThrow(["bash", "-c", `${pkgbuild}\n${script}`], {
    env: { ...ENV, ...env },
  });
}
