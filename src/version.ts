/** The version of diskd, announced to other hosts and printed by `--version`. */
export const VERSION = "0.1.0";
