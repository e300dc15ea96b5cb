import { renderJson, type ViewOptions } from "../render/format.ts";
import type { CommonOptions, Context } from "./context.ts";

interface ShowOptions<View> {
  readonly options: CommonOptions;
  readonly context: Context;
  readonly render: (view: View, options: ViewOptions) => string;
}

/** Writes a view to standard output, as text or as a JSON document. */
export function show<View>(
  view: View,
  { options, context, render }: ShowOptions<View>,
): void {
  const text = options.json
    ? renderJson(view)
    : render(view, viewOptions(options, context));
  context.stdout.write(text);
}

/** Writes a line to standard error, for anything except data. */
export function note(text: string, { stderr }: Context): void {
  stderr.write(`${text}\n`);
}

/**
 * Options of views: no colour for `--no-color`, and unless `--color always` for
 * a pipe, `TERM=dumb` or `NO_COLOR` (no-color.org).
 */
export function viewOptions(
  options: CommonOptions,
  context: Context,
): ViewOptions {
  const { env, isTerminal } = context;
  const { color: when = "auto", noColor } = options;
  const mayColor = isTerminal && !env["NO_COLOR"] && env["TERM"] !== "dumb";
  const color = !noColor && (when === "always" || when === "auto" && mayColor);
  return {
    columns: context.columns(),
    color,
    now: context.now(),
    zone: context.zone,
    utf8: /utf-?8/i.test(env["LANG"] ?? ""),
  };
}
