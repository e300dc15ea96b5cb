/**
 * Somebody with a key on a NATS server: does what its only argument says, and
 * prints what came of each as JSON.
 */
import { NatsLink } from "../../src/transport/nats_link.ts";

/** What it is to do. */
export interface NatsErrand {
  readonly url: string;
  /** Seed of an NKey. */
  readonly seed: string;
  readonly name: string;
  readonly acts:
    readonly (readonly ["open" | "put" | "drop" | "say", string])[];
}

/** What the server said to each act, `done` or why not, and unasked. */
export interface NatsReport {
  readonly answers: readonly string[];
  readonly refusals: readonly string[];
}

/** Time for the server to say what it does not like. */
const REFUSAL_MS = 500;

if (import.meta.main) {
  const errand: NatsErrand = JSON.parse(Deno.args[0]!);
  const link = await NatsLink.open({
    servers: [errand.url],
    nkeySeed: new TextEncoder().encode(errand.seed),
    ca: null,
    bucket: "diskd",
    domain: null,
    name: errand.name,
  });
  const refusals: string[] = [];
  void link.onRefusal((reason) => refusals.push(reason));
  const answers: string[] = [];
  for (const [act, target] of errand.acts) {
    try {
      const payload = new Uint8Array(9);
      if (act === "open") {
        const { isMade } = await link.openBucket();
        answers.push(isMade ? "made" : "there");
      }
      if (act === "put") await link.put(target, payload);
      if (act === "drop") await link.drop(target);
      if (act === "say") link.say(target, payload);
      if (act !== "open") answers.push("done");
    } catch (error) {
      answers.push(error instanceof Error ? error.message : String(error));
    }
  }
  await new Promise((resolve) => setTimeout(resolve, REFUSAL_MS));
  console.log(JSON.stringify({ answers, refusals } satisfies NatsReport));
  await link.close();
}
