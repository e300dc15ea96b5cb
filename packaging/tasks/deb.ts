import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import { debianChangelog, packageVersion } from "./debian_changelog.ts";
import { HOME } from "./home.ts";
import { packageFiles } from "./package_files.ts";
import type { PackageInputs } from "./package_inputs.ts";
import {
  EMPTY_FOLDERS,
  gzip,
  type PackagedFile,
  writeTree,
} from "./packaged_file.ts";
import { projectText } from "./project_files.ts";
import { runTool } from "./run_tool.ts";

/** Nobody has an address yet; deb-changelog(5) wants the brackets. */
const MAINTAINER = "The diskd authors";
const CHANGELOG_MAINTAINER = `${MAINTAINER} <>`;

const LAYOUT = { zshFolder: "/usr/share/zsh/vendor-completions" };

const SCRIPTS = ["postinst", "prerm", "postrm"] as const;

/** Makes the package for Debian and what derives from it, and returns its path. */
export async function makeDeb(inputs: PackageInputs): Promise<string> {
  const { architecture, epochSeconds, quick } = inputs;
  const version = `${packageVersion(inputs.version)}-1`;
  const files = [
    ...await packageFiles({ binary: inputs.binary, layout: LAYOUT }),
    ...documentation(inputs),
  ];
  const root = Deno.makeTempDirSync({ prefix: "diskd-deb-" });
  try {
    Deno.chmodSync(root, 0o755);
    writeTree(root, { files, folders: EMPTY_FOLDERS, epochSeconds });
    const installed = files.map(({ path }) => path).toSorted();
    const sizes = installed.map((path) => Deno.statSync(join(root, path)).size);
    const control = controlFile({
      version,
      architecture,
      installedKib: sizes.reduce(
        (sum, size) => sum + Math.ceil(size / 1024),
        0,
      ),
    });
    writeTree(root, {
      epochSeconds,
      files: [
        { path: "/DEBIAN/control", content: control },
        { path: "/DEBIAN/md5sums", content: md5Sums(root, installed) },
        { path: "/DEBIAN/conffiles", content: configurationFiles(installed) },
        ...SCRIPTS.map((name) => ({
          path: `/DEBIAN/${name}`,
          content: projectText(`packaging/deb/${name}`),
          mode: 0o755,
        })),
      ],
    });
    Deno.mkdirSync(inputs.folder, { recursive: true });
    const target = resolve(
      inputs.folder,
      `diskd_${version}_${architecture}.deb`,
    );
    // What several threads compress depends on their number.
    const compression = quick ? ["-Zgzip", "-z1"] : ["-Zxz", "--threads-max=1"];
    await runTool(
      [
        "dpkg-deb",
        "--root-owner-group",
        ...compression,
        "--build",
        root,
        target,
      ],
      { SOURCE_DATE_EPOCH: String(epochSeconds) },
    );
    return target;
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
}

function documentation(
  { licences, epochSeconds }: PackageInputs,
): PackagedFile[] {
  const folder = "/usr/share/doc/diskd";
  const changelog = projectText("CHANGELOG.md");
  const debian = debianChangelog(changelog, {
    maintainer: CHANGELOG_MAINTAINER,
    epochSeconds,
  });
  return [
    { path: `${folder}/copyright`, content: copyright() },
    { path: `${folder}/changelog.gz`, content: gzip(changelog) },
    { path: `${folder}/changelog.Debian.gz`, content: gzip(debian) },
    {
      path: `${folder}/licences.txt.gz`,
      content: gzip(Deno.readTextFileSync(licences)),
    },
    {
      path: "/usr/share/lintian/overrides/diskd",
      content: projectText("packaging/deb/lintian-overrides"),
    },
  ];
}

/** In the form of DEP-5, where an empty line is a dot. */
function copyright(): string {
  const [, text] = projectText("LICENSE").split(/^Copyright .*\n\n/m);
  const licence = text!.trimEnd().split("\n").map((line) => ` ${line || "."}`);
  return projectText("packaging/deb/copyright")
    .replace("@LICENSE@", () => licence.join("\n"));
}

function controlFile(
  { version, architecture, installedKib }: {
    readonly version: string;
    readonly architecture: string;
    readonly installedKib: number;
  },
): string {
  return `Package: diskd
Version: ${version}
Architecture: ${architecture}
Maintainer: ${MAINTAINER}
Installed-Size: ${installedKib}
Depends: libc6 (>= 2.27), libgcc-s1, util-linux (>= 2.27), systemd | systemd-standalone-sysusers | systemd-sysusers
Recommends: procps, udev
Suggests: bubblewrap, ledmon, openssh-client, sshfs, udisks2
Section: admin
Priority: optional
Homepage: ${HOME}
Description: finds disks on the LAN
 diskd tells on which host of a LAN a disk is, mounted or not. Its daemon finds
 the disks of its host and announces them to the daemons of the other hosts; any
 host then answers where a disk is, and where it was. It needs no configuration.
`;
}

function md5Sums(root: string, paths: readonly string[]): string {
  return paths.map((path) => {
    const bytes = Deno.readFileSync(join(root, path));
    const sum = createHash("md5").update(bytes).digest("hex");
    return `${sum}  ${path.slice(1)}\n`;
  }).join("");
}

function configurationFiles(paths: readonly string[]): string {
  return paths.filter((path) => path.startsWith("/etc/"))
    .map((path) => `${path}\n`).join("");
}
