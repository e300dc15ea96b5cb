import assert from "node:assert/strict";
import { join } from "node:path";
import { loadConfig } from "../../../src/config/load_config.ts";
import { VERSION } from "../../../src/version.ts";
import { needs } from "../../support/needs.ts";
import { runOrThrow } from "../../support/process.ts";
import { PROJECT } from "../../support/program.ts";
import { directive } from "./unit_directives.ts";

const NIX = join(PROJECT, "packaging/nix");
const BUILT_IN = loadConfig({
  flags: {},
  env: {},
  readText: () => null,
  uid: 0,
});

interface Evaluated {
  readonly options: readonly string[];
  readonly inputs: Readonly<Record<string, { readonly url: string }>>;
  readonly packages: Readonly<
    Record<string, { readonly default: { readonly version: string } }>
  >;
  readonly dontStrip: boolean;
  readonly dontPatchELF: boolean;
  readonly installPhase: string;
  // deno-lint-ignore no-explicit-any
  readonly config: any;
}

/** Evaluates the flake, the package and the module with what stands in for nixpkgs. */
async function evaluate(services: string): Promise<Evaluated> {
  const stub = join(import.meta.dirname!, "nixpkgs.nix");
  const expression = `import ${stub} { nix = ${NIX}; services = ${services}; }`;
  const folder = Deno.makeTempDirSync({ prefix: "diskd-nix-" });
  try {
    const options = ["--eval", "--strict", "--json", "--store", "dummy://"];
    const text = await runOrThrow(
      ["nix-instantiate", ...options, "--expr", expression],
      {
        env: {
          PATH: Deno.env.get("PATH")!,
          HOME: folder,
          NIX_STATE_DIR: folder,
        },
      },
    );
    return JSON.parse(text);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

const WITH_NIX = { programs: ["nix-instantiate"] };

Deno.test({
  ...needs("The flake has the binaries of the version that is built", WITH_NIX),
  async fn() {
    const { inputs, packages, ...rest } = await evaluate("{ enable = false; }");
    for (const arch of ["x86_64", "aarch64"]) {
      const name = `/v${VERSION}/diskd-${VERSION}-linux-${arch}`;
      assert.ok(inputs[`${arch}-linux`]!.url.endsWith(name));
      assert.equal(packages[`${arch}-linux`]!.default.version, VERSION);
    }
    assert.deepEqual([rest.dontStrip, rest.dontPatchELF], [true, true]);
    assert.match(rest.installPhase, /-patch\.sh \$out\/bin\/diskd/);
    assert.equal(rest.config, null);
  },
});

Deno.test({
  ...needs("The NixOS module has a service that needs no settings", WITH_NIX),
  async fn() {
    const { config, options } = await evaluate(
      `{ enable = true; package = "/diskd"; settings = { };
         openFirewall = true; web.enable = false; }`,
    );
    assert.deepEqual(
      options,
      ["enable", "openFirewall", "package", "settings", "web"],
    );
    assert.deepEqual(
      config.networking.firewall.allowedUDPPorts,
      [BUILT_IN.port],
    );
    const { diskd } = config.systemd.services;
    assert.deepEqual(diskd.serviceConfig.ExecPaths, ["", "/nix/store"]);
    assert.equal(config.systemd.services["diskd-web"], null);
    assert.equal(config.services.diskd.settings, null);
    const file = config.environment.etc["diskd/config.yaml"];
    assert.deepEqual([file.mode, file.source.value], ["0644", {}]);
  },
});

Deno.test({
  ...needs(
    "The NixOS module opens another port, and starts the page",
    WITH_NIX,
  ),
  async fn() {
    const { config } = await evaluate(
      `{ enable = true; package = "/diskd"; settings = { port = 31999; };
         openFirewall = true; web.enable = true; }`,
    );
    assert.deepEqual(config.networking.firewall.allowedUDPPorts, [31999]);
    assert.deepEqual(config.systemd.services["diskd-web"].wantedBy, [
      "multi-user.target",
    ]);
    assert.equal(
      config.services.diskd.settings.readSocket,
      "/run/diskd/read.sock",
    );
  },
});

Deno.test({
  ...needs("The user of NixOS is that of sysusers", WITH_NIX),
  async fn() {
    const { config } = await evaluate(
      `{ enable = true; package = "/diskd"; settings = { };
         openFirewall = false; web.enable = false; }`,
    );
    const [name] = directive("diskd.service", "User");
    const { description, home, group } = config.users.users[name!];
    const sysusers = Deno.readTextFileSync(
      join(PROJECT, "packaging/diskd.sysusers"),
    );
    const line = `u ${name} - "${description}" ${home} `;
    assert.ok(sysusers.includes(`\n${line}`), line);
    assert.deepEqual(Object.keys(config.users.groups), [group]);
    assert.equal(config.networking.firewall.allowedUDPPorts, null);
  },
});

Deno.test({
  ...needs(
    "patch.sh gives a binary another loader, and keeps what lies behind it",
    {
      programs: ["patchelf", "readelf"],
    },
  ),
  async fn() {
    const folder = Deno.makeTempDirSync({ prefix: "diskd-elf-" });
    try {
      const binary = `${folder}/binary`;
      const program = new TextEncoder().encode("the program");
      const elf = Deno.readFileSync("/usr/bin/true");
      Deno.writeFileSync(binary, new Uint8Array([...elf, ...program]), {
        mode: 0o755,
      });
      const [, before] = interpreter(await headers(binary));
      const loader = `${folder}/${"long".repeat(20)}`;
      Deno.symlinkSync(before!, loader);
      const script = join(NIX, "patch.sh");
      await runOrThrow(["sh", script, binary, loader, "/libraries"], {
        env: { PATH: Deno.env.get("PATH")! },
      });
      const [, after] = interpreter(await headers(binary));
      assert.equal(after, loader);
      const bytes = Deno.readFileSync(binary);
      assert.deepEqual(bytes.subarray(-program.length), program);
      await runOrThrow([binary], { env: {} });
      assert.deepEqual(
        [...Deno.readDirSync(folder)].map(({ name }) => name).sort(),
        ["binary", "long".repeat(20)],
      );
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});

function headers(binary: string): Promise<string> {
  const env = { PATH: Deno.env.get("PATH")!, LC_ALL: "C" };
  return runOrThrow(["readelf", "--program-headers", binary], { env });
}

function interpreter(text: string): RegExpExecArray {
  return /interpreter: (.*)\]/.exec(text)!;
}
