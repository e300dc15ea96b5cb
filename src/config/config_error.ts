/** One thing that is wrong with the configuration. */
export interface ConfigProblem {
  /** `/etc/diskd/config.yaml line 3`, `environment variable DISKD_PORT`, `flag --port`. */
  readonly place: string;
  /** The setting, as it was written; `null` where no one setting is at fault. */
  readonly key: string | null;
  /** What is wrong and what would be right: the rest of the sentence. */
  readonly message: string;
}

/** The configuration cannot be used; `problems` has every reason, not only the first. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(describeProblems(problems));
    this.name = "ConfigError";
    this.problems = problems;
  }
}

function describeProblems(problems: readonly ConfigProblem[]): string {
  const lines = problems.map(({ place, message }) => `${place}: ${message}`);
  if (lines.length === 1) return `Cannot use the configuration: ${lines[0]}`;
  const list = lines.map((line) => `\n  ${line}`).join("");
  return `Cannot use the configuration, ${lines.length} problems:${list}`;
}
