import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { makeDeb } from "../../packaging/tasks/deb.ts";
import { machineOf } from "../../packaging/tasks/package_inputs.ts";
import { makeRpm } from "../../packaging/tasks/rpm.ts";
import { VERSION } from "../../src/version.ts";
import { SYSTEM_PATH } from "../support/holder.ts";
import { needs } from "../support/needs.ts";
import { run } from "../support/process.ts";
import { PROJECT } from "../support/program.ts";
import { ARCHITECTURE, standIn } from "../support/stand_in.ts";

const MACHINE = machineOf(ARCHITECTURE);

/** Where each is in both packages. */
const EVERYWHERE = [
  "/etc/diskd",
  "/etc/ufw/applications.d/diskd",
  "/usr/bin/diskd",
  "/usr/lib/firewalld/services/diskd.xml",
  "/usr/lib/systemd/system/diskd-metrics.service",
  "/usr/lib/systemd/system/diskd-metrics.timer",
  "/usr/lib/systemd/system/diskd-web.service",
  "/usr/lib/systemd/system/diskd.service",
  "/usr/lib/sysusers.d/diskd.conf",
  "/usr/share/bash-completion/completions/diskd",
  "/usr/share/doc/diskd/examples/config.example.yaml",
  "/usr/share/doc/diskd/examples/grafana-dashboard.json",
  "/usr/share/doc/diskd/examples/prometheus-rules.yaml",
  "/usr/share/fish/vendor_completions.d/diskd.fish",
  "/usr/share/man/man1/diskd.1.gz",
  "/usr/share/man/man5/diskd.yaml.5.gz",
  "/usr/share/man/man8/diskd.8.gz",
] as const;

const IN_DEB = [
  ...EVERYWHERE,
  "/usr/share/doc/diskd/changelog.Debian.gz",
  "/usr/share/doc/diskd/changelog.gz",
  "/usr/share/doc/diskd/copyright",
  "/usr/share/doc/diskd/licences.txt.gz",
  "/usr/share/lintian/overrides/diskd",
  "/usr/share/zsh/vendor-completions/_diskd",
] as const;

const IN_RPM = [
  ...EVERYWHERE,
  "/usr/share/doc/diskd/CHANGELOG.md",
  "/usr/share/licenses/diskd/LICENSE",
  "/usr/share/licenses/diskd/licences.txt",
  "/usr/share/zsh/site-functions/_diskd",
] as const;

/** A time to which no tool shortens the times of files by itself. */
const FUTURE_SECONDS = 2_100_000_000;

/** A test with a folder of its own, of a package with a small program in it. */
function packageTest(
  name: string,
  { programs, fn }: {
    readonly programs: readonly string[];
    readonly fn: (folder: string) => Promise<void>;
  },
): void {
  Deno.test({
    ...needs(name, { programs: ["dpkg-deb", "rpmbuild", ...programs] }),
    async fn() {
      const folder = Deno.makeTempDirSync({ prefix: "diskd-packages-" });
      try {
        await fn(folder);
      } finally {
        Deno.removeSync(folder, { recursive: true });
      }
    },
  });
}

/** What a program prints; it must end well. */
async function output(...argv: string[]): Promise<string> {
  const env = { PATH: SYSTEM_PATH, HOME: "/nonexistent", LANG: "C.UTF-8" };
  const { code, stdout, stderr } = await run(argv, { env, timeoutMs: 120_000 });
  assert.equal(code, 0, `${argv.join(" ")}:\n${stdout}${stderr}`);
  return stdout;
}

packageTest("the .deb has what a Debian expects, and lintian has no remark", {
  programs: ["lintian"],
  async fn(folder) {
    const deb = await makeDeb(standIn(folder));
    assert.equal(deb, `${folder}/diskd_${VERSION}-1_${ARCHITECTURE}.deb`);
    const files = (await output("dpkg-deb", "--contents", deb)).trim()
      .split("\n").map((line) => line.split(/\s+/));
    assert.ok(files.every(([, owner]) => owner === "root/root"));
    const paths = files.map(([, , , , , path]) => path!.slice(1))
      .filter((path) => !path.endsWith("/") || path === "/etc/diskd/")
      .map((path) => path.replace(/\/$/, ""));
    assert.deepEqual(paths.toSorted(), IN_DEB.toSorted());
    const fields = ["Depends", "Recommends", "Suggests", "Architecture"];
    assert.equal(
      await output("dpkg-deb", "--field", deb, ...fields),
      "Depends: libc6 (>= 2.27), libgcc-s1, util-linux (>= 2.27), systemd | systemd-standalone-sysusers | systemd-sysusers\n" +
        "Recommends: procps, udev\n" +
        "Suggests: bubblewrap, ledmon, openssh-client, sshfs, udisks2\n" +
        `Architecture: ${ARCHITECTURE}\n`,
    );
    const control = ["--ctrl-tarfile", deb];
    assert.match(await output("dpkg-deb", ...control), /etc\/ufw\/app/);
    assert.equal(await output("lintian", "--fail-on=warning,error", deb), "");
  },
});

packageTest("the .rpm has what a Fedora expects, and rpmlint has no remark", {
  programs: ["rpm", "rpm2cpio", "rpmlint", "cpio"],
  async fn(folder) {
    const rpm = await makeRpm(standIn(folder));
    assert.equal(rpm, `${folder}/diskd-${VERSION}-1.${MACHINE}.rpm`);
    const query = (...words: string[]) => output("rpm", "-qp", ...words, rpm);
    const lines = async (...words: string[]) =>
      (await query(...words)).trim().split("\n");
    assert.deepEqual((await lines("--list")).toSorted(), IN_RPM.toSorted());
    const requires = await lines("--requires");
    assert.deepEqual(
      requires.filter((line) => !/^rpmlib|^\/bin\/sh$/.test(line)),
      ["glibc >= 2.27", "libgcc", "systemd", "util-linux >= 2.27"],
    );
    assert.deepEqual(await lines("--recommends"), ["systemd-udev"]);
    assert.deepEqual(await lines("--configfiles"), [
      "/etc/ufw/applications.d/diskd",
    ]);
    const scripts = await query("--scripts");
    // A preset decides what is enabled, and nothing is started.
    assert.match(scripts, /install-system-units .*\n? *diskd.service/);
    assert.doesNotMatch(scripts, /systemctl|enable|start /);
    const unpack = `rpm2cpio ${rpm} | cpio --quiet -idm --directory ${folder}`;
    await output("sh", "-euc", unpack);
    const unit = `${folder}/usr/lib/systemd/system/diskd.service`;
    assert.match(
      Deno.readTextFileSync(unit),
      /^ExecStart=\/usr\/bin\/diskd --daemon$/m,
    );
    assert.equal(Deno.statSync(`${folder}/usr/bin/diskd`).mode! & 0o777, 0o755);
    const config = `${PROJECT}/packaging/rpm/rpmlint.toml`;
    const judged = await output("rpmlint", "--config", config, rpm);
    assert.match(judged, / 0 errors, 0 warnings/);
  },
});

function sumOf(path: string): string {
  return createHash("sha256").update(Deno.readFileSync(path)).digest("hex");
}

packageTest("the same inputs give the same packages, bit by bit", {
  programs: [],
  async fn(folder) {
    const made: string[][] = [];
    for (const name of ["one", "other"]) {
      const there = `${folder}/${name}`;
      Deno.mkdirSync(there);
      const inputs = standIn(there, { epochSeconds: FUTURE_SECONDS });
      const paths = [await makeDeb(inputs), await makeRpm(inputs)];
      made.push(paths.map((path) => sumOf(path)));
      // Longer than the unit of any time in them.
      await new Promise((resolve) => setTimeout(resolve, 2100));
    }
    const [one, other] = made;
    assert.deepEqual(one, other);
  },
});

packageTest("shellcheck has no remark about the scripts of the packages", {
  programs: ["shellcheck", "rpm"],
  async fn(folder) {
    for (const name of ["postinst", "prerm", "postrm"]) {
      await output("shellcheck", `${PROJECT}/packaging/deb/${name}`);
    }
    const rpm = await makeRpm(standIn(folder));
    for (const tag of ["POSTIN", "PREUN", "POSTUN"]) {
      const script = await output("rpm", "-qp", "--qf", `%{${tag}}`, rpm);
      assert.notEqual(script, "(none)");
      const path = `${folder}/${tag}`;
      Deno.writeTextFileSync(path, `${script}\n`);
      await output("shellcheck", "--shell=sh", path);
    }
  },
});

packageTest("packages for another processor are made here", {
  programs: ["rpm"],
  async fn(folder) {
    const other = ARCHITECTURE === "amd64" ? "arm64" : "amd64";
    const inputs = standIn(folder, { architecture: other });
    const field = await output(
      "dpkg-deb",
      "--field",
      await makeDeb(inputs),
      "Architecture",
    );
    assert.equal(field, `${other}\n`);
    const rpm = await makeRpm(inputs);
    const machine = await output("rpm", "-qp", "--qf", "%{ARCH}", rpm);
    assert.equal(machine, machineOf(other));
  },
});

/** Versions of glibc whose symbols a program uses, the last one the newest. */
async function glibcVersions(program: string): Promise<string[]> {
  const text = await output("readelf", "--version-info", "--wide", program);
  const all = [...text.matchAll(/Name: GLIBC_([\d.]+)/g)].map(([, one]) =>
    one!
  );
  return all.toSorted((one, other) =>
    one.localeCompare(other, "en", { numeric: true })
  );
}

packageTest("the packages depend on the glibc that the runtime needs", {
  programs: ["readelf"],
  async fn() {
    // The runtime of compiled programs is built as Deno itself.
    const versions = await glibcVersions(Deno.execPath());
    assert.equal(versions.at(-1), "2.27");
  },
});
