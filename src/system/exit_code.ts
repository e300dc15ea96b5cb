interface ExitCode {
  readonly code: number;
  /** The shortest sentence for it: `--help` prints it, and every document says it. */
  readonly meaning: string;
}

/** Exit codes of the program. Scripts rely on 0 to 8. */
export const EXIT_CODES = {
  ok: { code: 0, meaning: "found, or done" },
  notKnown: { code: 1, meaning: "no such name is known" },
  usage: { code: 2, meaning: "wrong arguments or configuration" },
  /** Or the only answering socket does not allow the command. */
  unreachable: { code: 3, meaning: "no daemon answers" },
  notAttached: { code: 4, meaning: "known, but not attached now" },
  severalHosts: { code: 5, meaning: "attached to several hosts at once" },
  /** Not allowed, or not safe. */
  refused: { code: 6, meaning: "refused" },
  failed: { code: 7, meaning: "ssh, sshfs, mount or another program failed" },
  /** Only of these commands. */
  problems: {
    code: 8,
    meaning: "status, scan, doctor, overdue or notify shows a problem",
  },
  /** `EX_SOFTWARE` of sysexits.h. */
  internal: { code: 70, meaning: "a bug in diskd" },
  /** `EX_IOERR` of sysexits.h. */
  output: { code: 74, meaning: "the output cannot be written" },
} as const satisfies Readonly<Record<string, ExitCode>>;

export type ExitName = keyof typeof EXIT_CODES;

/** The numbers by name. */
export const EXIT = Object.fromEntries(
  Object.entries(EXIT_CODES).map(([name, { code }]) => [name, code]),
) as {
  readonly [Name in ExitName]: typeof EXIT_CODES[Name]["code"];
};
