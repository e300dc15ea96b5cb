import type { System } from "../system/system.ts";
import type { Load } from "./build_command.ts";
import type { Context } from "./context.ts";

/** What commands that run programs have besides. */
export interface ReachContext extends Context {
  readonly system: System;
}

type Run<Given> = (
  options: Given,
  context: ReachContext,
) => Promise<number>;

/** Loads such a command, and the system with it: no other command waits for that. */
export function withSystem<Given>(
  load: () => Promise<Run<Given>>,
): Load<Given> {
  return async () => {
    const run = await load();
    return async (options, context) => {
      const system = await context.loadSystem();
      return await run(options, { ...context, system });
    };
  };
}
