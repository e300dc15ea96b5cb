/** Check of the server that passes on what hosts everywhere say. */
import { sayDuration } from "../render/format.ts";
import { fault, type Finding, type Given, ok, warning } from "./given.ts";

/** None for a host without one. */
export function checkHub({ config, daemon, system }: Given): Finding[] {
  const hub = daemon.kind === "answers" ? daemon.status.hub ?? null : null;
  if (hub === null) {
    return config.natsServers.length === 0
      ? []
      : [warning("nats is set, but the daemon uses no hub", [
        "Restart the daemon",
      ])];
  }
  const { server, problem, reached, since, hosts, watch } = hub;
  if (problem !== null) return [fault(problem)];
  if (!reached) {
    return [warning("the hub has not been reached yet", [
      "In some seconds: diskd doctor",
    ])];
  }
  const age = sayDuration(system.wallClock() - Date.parse(since));
  const told = watch ? `, and tells of ${hosts} hosts` : "";
  return [ok(`the hub ${server} has been reached for ${age}${told}`)];
}
