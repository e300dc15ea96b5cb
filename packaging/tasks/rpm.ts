import { join, resolve } from "node:path";
import { packageVersion } from "./debian_changelog.ts";
import { HOME } from "./home.ts";
import { packageFiles } from "./package_files.ts";
import { machineOf, type PackageInputs } from "./package_inputs.ts";
import {
  EMPTY_FOLDERS,
  type PackagedFile,
  writeTree,
} from "./packaged_file.ts";
import { projectText } from "./project_files.ts";
import { runTool } from "./run_tool.ts";

const LAYOUT = { zshFolder: "/usr/share/zsh/site-functions" };
const DOC_FOLDER = "/usr/share/doc/diskd";
const LICENCE_FOLDER = "/usr/share/licenses/diskd";

/** Makes the package for Fedora and its kin, and returns its path. */
export async function makeRpm(inputs: PackageInputs): Promise<string> {
  const machine = machineOf(inputs.architecture);
  const version = packageVersion(inputs.version);
  const { epochSeconds } = inputs;
  const files = [
    ...await packageFiles({ binary: inputs.binary, layout: LAYOUT }),
    ...documentation(inputs),
  ];
  const work = Deno.makeTempDirSync({ prefix: "diskd-rpm-" });
  try {
    const tree = join(work, "tree");
    writeTree(tree, { files, folders: EMPTY_FOLDERS, epochSeconds });
    const spec = join(work, "diskd.spec");
    Deno.writeTextFileSync(spec, specFile({ version, files, epochSeconds }));
    const macros = {
      _topdir: join(work, "top"),
      _rpmdir: work,
      _rpmfilename: "%{name}.rpm",
      _binary_payload: inputs.quick ? "w1.gzdio" : "w6.xzdio",
      _buildhost: "localhost",
      // Debian's rpm counts them for itself among those of the package.
      _build_id_links: "none",
      use_source_date_epoch_as_buildtime: "1",
      clamp_mtime_to_source_date_epoch: "1",
      source_date_epoch_from_changelog: "0",
      tree,
    };
    const defines = Object.entries(macros)
      .flatMap(([name, value]) => ["--define", `${name} ${value}`]);
    await runTool(
      ["rpmbuild", "-bb", "--target", `${machine}-linux`, ...defines, spec],
      { SOURCE_DATE_EPOCH: String(epochSeconds) },
    );
    Deno.mkdirSync(inputs.folder, { recursive: true });
    const target = resolve(inputs.folder, `diskd-${version}-1.${machine}.rpm`);
    Deno.copyFileSync(join(work, "diskd.rpm"), target);
    return target;
  } finally {
    Deno.removeSync(work, { recursive: true });
  }
}

function documentation({ licences }: PackageInputs): PackagedFile[] {
  return [
    {
      path: `${DOC_FOLDER}/CHANGELOG.md`,
      content: projectText("CHANGELOG.md"),
    },
    { path: `${LICENCE_FOLDER}/LICENSE`, content: projectText("LICENSE") },
    { path: `${LICENCE_FOLDER}/licences.txt`, content: { copyOf: licences } },
  ];
}

function specFile(
  { version, files, epochSeconds }: {
    readonly version: string;
    readonly files: readonly PackagedFile[];
    readonly epochSeconds: number;
  },
): string {
  const day = new Date(epochSeconds * 1000).toUTCString();
  // "Sat, 28 Nov 2026 ..." is "Sat Nov 28 2026".
  const date = day.replace(/^(\w+), (\d+) (\w+) (\d+) .*/, "$1 $3 $2 $4");
  const words: Readonly<Record<string, string>> = {
    VERSION: version,
    HOME,
    DATE: date,
    FILES: files.map(specLine).toSorted().join("\n"),
  };
  return projectText("packaging/rpm/diskd.spec")
    .replace(/@([A-Z]+)@/g, (_, name) => words[name]!);
}

/** How the file is listed: what a user changes stays, documentation can be left out. */
function specLine({ path, mode = 0o644 }: PackagedFile): string {
  const kind = path.startsWith("/etc/")
    ? "%config(noreplace) "
    : path.startsWith(DOC_FOLDER)
    ? "%doc "
    : path.startsWith(LICENCE_FOLDER)
    ? "%license "
    : "";
  return `%attr(${
    mode.toString(8).padStart(4, "0")
  }, root, root) ${kind}${path}`;
}
