/** What a folder of src/ may import, besides itself and src/version.ts. */
export interface Arrows {
  readonly imports?: readonly string[];
  /** Only types of these: nothing of them runs with it. */
  readonly types?: readonly string[];
  /** Only by `import()`, so that they are loaded when they are needed and not before. */
  readonly later?: readonly string[];
}

const LIBRARY = [
  "text",
  "inventory",
  "system",
  "control",
  "codec",
  "peer",
  "probe",
  "transport",
  "store",
  "config",
  "mount",
  "render",
];

/** The module map, one line a folder: a folder may only import some of those above it. */
export const MODULE_MAP: Readonly<Record<string, Arrows>> = {
  text: {},
  inventory: { imports: ["text"] },
  system: {},
  control: { imports: ["text", "inventory", "system"] },
  codec: { imports: ["text", "inventory"] },
  peer: { imports: ["inventory", "codec"] },
  probe: { imports: ["text", "inventory", "system"] },
  transport: { imports: ["system"] },
  store: { imports: ["text", "system", "inventory", "codec"] },
  config: { imports: ["text", "control"] },
  mount: {
    imports: ["text", "inventory", "system", "probe"],
    types: ["control", "config"],
  },
  render: {
    imports: ["text", "inventory"],
    types: ["control", "config", "mount"],
  },
  daemon: { imports: LIBRARY },
  doctor: { imports: [...LIBRARY, "daemon"] },
  web: { imports: ["text", "system", "control", "render"] },
  cli: { imports: [...LIBRARY, "web"], later: ["daemon", "doctor"] },
};

/** Folders that know no system, clock, timer or chance, and never wait. In `probe` only the parsers. */
export const PURE_FILES: readonly RegExp[] = [
  /^text\//,
  /^inventory\//,
  /^codec\//,
  /^peer\//,
  /^render\//,
  /^probe\/parse_[^/]*$/,
];

/** What main.ts may import. */
export const MAIN_IMPORTS: readonly string[] = ["cli"];

/** Belongs to no folder, and may be imported by each. */
export const VERSION_FILE = "version.ts";
