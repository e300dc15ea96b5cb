/** What every command takes. */
export interface CommonOptions {
  readonly json: boolean;
  readonly noColor: boolean;
  readonly socket?: string;
}

/** What a command is run with: its flags, and its words that are not flags. */
export type Options<Flags = unknown> = CommonOptions & Flags & {
  readonly words: readonly string[];
};
