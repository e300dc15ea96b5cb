/** Names of a processor: Debian's, the kernel's, and its number in ELF files. */
const ARCHITECTURES = {
  amd64: { machine: "x86_64", elf: 62 },
  arm64: { machine: "aarch64", elf: 183 },
} as const;

export type Architecture = keyof typeof ARCHITECTURES;

/** What a package is made of besides the files in packaging/. */
export interface PackageInputs {
  /** The compiled program. */
  readonly binary: string;
  readonly architecture: Architecture;
  /** `VERSION`, or an older one to upgrade from. */
  readonly version: string;
  /** File with the licences of everything in the binary. */
  readonly licences: string;
  /** Where the package goes; made if it is not there. */
  readonly folder: string;
  /** The time of every file in the package. */
  readonly epochSeconds: number;
  /** Compressed less, for a test. */
  readonly quick: boolean;
}

/** The kernel's name of a processor. */
export function machineOf(architecture: Architecture): string {
  return ARCHITECTURES[architecture].machine;
}

export function isArchitecture(name: string): name is Architecture {
  return Object.hasOwn(ARCHITECTURES, name);
}

/** Rejects inputs of which no right package can be made, and says how to get right ones. */
export function checkInputs(
  { binary, architecture, licences }: PackageInputs,
): void {
  mustBeFile(binary, 'Run "deno task compile", or name one with --binary.');
  mustBeFile(
    licences,
    'Run "deno task licences", or name one with --licences.',
  );
  const { elf, machine } = ARCHITECTURES[architecture];
  const number = elfMachine(binary);
  if (number === elf) return;
  const found = Object.values(ARCHITECTURES)
    .find((one) => one.elf === number)?.machine;
  throw new Error(
    `${binary} is ${
      found
        ? `a program for ${found}`
        : "not a program for any of our processors"
    }, ` +
      `but the package is for ${machine}. Name the right one with --binary.`,
  );
}

function mustBeFile(path: string, remedy: string): void {
  try {
    if (Deno.statSync(path).isFile) return;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  throw new Error(`${path} is missing. ${remedy}`);
}

/** e_machine of elf(5), of a little-endian file; `null` for anything but ELF. */
function elfMachine(path: string): number | null {
  using file = Deno.openSync(path);
  const header = new Uint8Array(20);
  const length = file.readSync(header);
  const isElf = length === 20 && header[0] === 0x7f && header[1] === 0x45 &&
    header[2] === 0x4c && header[3] === 0x46;
  return isElf ? header[18]! | header[19]! << 8 : null;
}
