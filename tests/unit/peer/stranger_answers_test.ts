import assert from "node:assert/strict";
import { makeDisk } from "../../../src/inventory/disk.ts";
import {
  STRANGER_ANSWER_GAP_MS,
  STRANGER_ANSWERS_AT_ONCE,
  StrangerAnswers,
} from "../../../src/peer/stranger_answers.ts";
import { datagram } from "../../support/announcements.ts";
import { VirtualLan } from "../../support/virtual_lan.ts";
import { question, start } from "./support.ts";

function answersOf() {
  const given: { to: string; now: number; via: readonly string[] | null }[] =
    [];
  const answers = new StrangerAnswers({
    questions: (now, via) => given.push({ to: "questions", now, via }),
    newcomers: (now, via) => given.push({ to: "newcomers", now, via }),
  });
  return { answers, given };
}

Deno.test("StrangerAnswers answers two questions at once, and then one each 10 s", () => {
  const { answers, given } = answersOf();
  for (let now = 0; now <= 60_000; now += 500) {
    answers.tick(now);
    answers.answer("questions", { via: null, now });
  }
  const times = given.map(({ now }) => now);
  assert.deepEqual(times, [
    0,
    500,
    ...[1, 2, 3, 4, 5, 6].map((n) => 10_000 * n),
  ]);
});

Deno.test("StrangerAnswers answers later, once for all that asked meanwhile, on the networks of all", () => {
  const { answers, given } = answersOf();
  for (const via of [["a"], ["a"], ["b"], ["c"], ["b"]]) {
    answers.answer("questions", { via, now: 0 });
  }
  assert.equal(answers.deadline, STRANGER_ANSWER_GAP_MS);
  answers.tick(STRANGER_ANSWER_GAP_MS - 1);
  assert.equal(given.length, 2);
  answers.tick(STRANGER_ANSWER_GAP_MS);
  assert.deepEqual(given[2]?.via, ["b", "c"]);
  assert.equal(answers.deadline, Infinity);
  for (const via of [["a"], null, ["b"]]) {
    answers.answer("questions", { via, now: STRANGER_ANSWER_GAP_MS });
  }
  answers.tick(2 * STRANGER_ANSWER_GAP_MS);
  assert.equal(given[3]?.via, null);
});

Deno.test("StrangerAnswers counts newcomers apart from questions", () => {
  const { answers, given } = answersOf();
  for (let i = 0; i < 9; i++) {
    answers.answer("questions", { via: null, now: 0 });
  }
  const { newcomers } = STRANGER_ANSWERS_AT_ONCE;
  for (let i = 0; i < newcomers + 5; i++) {
    answers.answer("newcomers", { via: null, now: 0 });
  }
  const counted = given.filter(({ to }) => to === "newcomers").length;
  assert.equal(counted, newcomers);
});

/** What alpha says while somebody does this each second for 5 minutes. */
function saidDuring(tease: (lan: VirtualLan, second: number) => void): number {
  const lan = new VirtualLan();
  const alpha = lan.host("alpha");
  start(lan, alpha, [makeDisk({ device: "/dev/sdb1" })]);
  lan.run(100_000);
  const before = alpha.sent.length;
  for (let second = 0; second < SECONDS; second++) {
    tease(lan, second);
    lan.run(1_000);
  }
  return alpha.sent.length - before;
}

const SECONDS = 300;
/** Its own announcements, each 22.5 to 37.5 s, and one answer each 10 s. */
const MOST_SAID = SECONDS / 22 + SECONDS / 10;

Deno.test("a question a second makes a host speak once in 10 s, from wherever it comes", () => {
  const said = saidDuring((lan, second) => {
    lan.inject(question(), `10.0.0.${100 + second % 100}`);
  });
  assert.ok(said <= MOST_SAID + 2, `${said}`);
});

Deno.test("a new host a second makes a host speak once in 10 s", () => {
  const said = saidDuring((lan, second) => {
    const id = `invented-${second}`;
    const address = `10.0.0.${100 + second % 100}`;
    lan.inject(datagram({ id, ask: second % 2 === 0 }), address);
  });
  assert.ok(said <= MOST_SAID + 20, `${said}`);
});

Deno.test("a host that is known is answered at once, whatever strangers ask", () => {
  const lan = new VirtualLan();
  const alpha = lan.host("alpha");
  const beta = lan.host("beta");
  start(lan, alpha, []);
  start(lan, beta, []);
  lan.run(100_000);
  for (let second = 0; second < 20; second++) {
    lan.inject(question(), "10.0.0.99");
    lan.run(1_000);
  }
  const before = alpha.sent.length;
  lan.do(beta, beta.peer.ask(lan.now));
  lan.run(1_200);
  assert.ok(alpha.sent.length > before);
});
