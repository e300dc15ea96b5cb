import { gzip, type PackagedFile } from "./packaged_file.ts";
import { PROJECT, projectText } from "./project_files.ts";

/** Where the units in packaging/ have the binary, and where packages have it. */
const UNPACKAGED_BINARY = "/usr/local/bin/diskd";
const PACKAGED_BINARY = "/usr/bin/diskd";

/** Units that a package brings. */
const UNITS = [
  "diskd.service",
  "diskd-web.service",
  "diskd-metrics.service",
  "diskd-metrics.timer",
] as const;

const EXAMPLES = [
  "config.example.yaml",
  "grafana-dashboard.json",
  "prometheus-rules.yaml",
] as const;

const SHELLS = ["bash", "zsh", "fish"] as const;

/** What the file systems of Debian and Fedora call differently. */
export interface Layout {
  /** Where zsh looks for completions of packages. */
  readonly zshFolder: string;
}

/** What each package has, whatever its format; documentation comes from the format. */
export async function packageFiles(
  { binary, layout }: { readonly binary: string; readonly layout: Layout },
): Promise<PackagedFile[]> {
  return [
    { path: PACKAGED_BINARY, content: { copyOf: binary }, mode: 0o755 },
    ...UNITS.map((name) => ({
      path: `/usr/lib/systemd/system/${name}`,
      content: packagedUnit(projectText(`packaging/${name}`)),
    })),
    {
      path: "/usr/lib/sysusers.d/diskd.conf",
      content: projectText("packaging/diskd.sysusers"),
    },
    ...manPages(),
    ...await completions(layout),
    ...EXAMPLES.map((name) => ({
      path: `/usr/share/doc/diskd/examples/${name}`,
      content: projectText(`packaging/${name}`),
    })),
    {
      path: "/etc/ufw/applications.d/diskd",
      content: projectText("packaging/firewall/diskd.ufw"),
    },
    {
      path: "/usr/lib/firewalld/services/diskd.xml",
      content: projectText("packaging/firewall/diskd.xml"),
    },
  ];
}

function packagedUnit(text: string): string {
  return text
    .replaceAll(UNPACKAGED_BINARY, PACKAGED_BINARY)
    .replaceAll("/etc/systemd/system/", "/usr/lib/systemd/system/");
}

function manPages(): PackagedFile[] {
  const names = [...Deno.readDirSync(`${PROJECT}/packaging/man`)]
    .map(({ name }) => name);
  return names.toSorted().map((name) => ({
    path: `/usr/share/man/man${name.at(-1)}/${name}.gz`,
    content: gzip(projectText(`packaging/man/${name}`)),
  }));
}

/** Made from the source: a binary for another processor does not run here. */
function completions({ zshFolder }: Layout): Promise<PackagedFile[]> {
  const paths = {
    bash: "/usr/share/bash-completion/completions/diskd",
    zsh: `${zshFolder}/_diskd`,
    fish: "/usr/share/fish/vendor_completions.d/diskd.fish",
  };
  return Promise.all(SHELLS.map(async (shell) => {
    const { success, stdout, stderr } = await new Deno.Command(
      Deno.execPath(),
      {
        args: [
          "run",
          "--quiet",
          "-P=diskd",
          `--config=${PROJECT}/deno.json`,
          `${PROJECT}/main.ts`,
          "completions",
          shell,
        ],
      },
    ).output();
    if (success) return { path: paths[shell], content: stdout };
    throw new Error(
      `diskd completions ${shell}: ${new TextDecoder().decode(stderr)}`,
    );
  }));
}
