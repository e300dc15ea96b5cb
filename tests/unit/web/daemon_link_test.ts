import assert from "node:assert/strict";
import { findSockets } from "../../../src/cli/with_daemon.ts";
import { DaemonUnreachable } from "../../../src/control/client.ts";
import {
  DaemonLink,
  TooLong,
  type WebClient,
} from "../../../src/web/daemon_link.ts";
import { fakeContext } from "../cli/fake_context.ts";
import { until } from "../../support/eventually.ts";

type CallOptions = { readonly onRows?: (rows: readonly unknown[]) => void };

/** A daemon that answers `answer`, until it is closed. */
function clientOf(
  answer: (options: CallOptions) => Promise<unknown>,
): WebClient {
  const closed = Promise.withResolvers<void>();
  return {
    call: (method: string, _params: object, options: CallOptions = {}) =>
      (method === "localhost" ? Promise.resolve({}) : answer(options)) as never,
    async *watch() {
      await closed.promise;
      yield* [];
    },
    close() {
      closed.resolve();
      return Promise.resolve();
    },
  };
}

async function withLink(
  answer: (options: CallOptions) => Promise<unknown>,
  use: (link: DaemonLink, states: (string | null)[]) => Promise<void>,
): Promise<void> {
  const states: (string | null)[] = [];
  const link = new DaemonLink({
    connect: () => Promise.resolve(clientOf(answer)),
    onEvent() {},
    onState: (problem) => states.push(problem),
  });
  const end = new AbortController();
  const running = link.run(end.signal);
  await until(() => link.problem === null);
  await use(link, states);
  end.abort();
  await running;
}

Deno.test("DaemonLink asks one question at a time, and not without end", async () => {
  const answers: PromiseWithResolvers<unknown>[] = [];
  const answer = () => {
    answers.push(Promise.withResolvers<unknown>());
    return answers.at(-1)!.promise;
  };
  await withLink(answer, async (link) => {
    const asked = Array.from({ length: 32 }, () => link.call("hosts", {}));
    await assert.rejects(link.call("hosts", {}), /too many ask at once/);
    for (let i = 0; i < asked.length; i++) {
      await until(() => answers.length > i);
      assert.equal(answers.length, i + 1);
      answers[i]!.resolve([]);
      assert.deepEqual(await asked[i], []);
    }
  });
});

Deno.test("DaemonLink keeps no list that is too long", async () => {
  const rows = Array.from({ length: 10_000 }, (_, i) => i);
  let parts = 3;
  const answer = ({ onRows }: CallOptions) => {
    for (let i = 0; i < parts; i++) onRows!(rows);
    return Promise.resolve([]);
  };
  await withLink(answer, async (link) => {
    const whole: readonly unknown[] = await link.call("hosts", {});
    assert.equal(whole.length, 30_000);
    parts = 4;
    await assert.rejects(link.call("hosts", {}), TooLong);
  });
});

Deno.test("DaemonLink connects again to a daemon that hangs", async () => {
  let isHanging = true;
  const answer = () =>
    isHanging
      ? Promise.reject(new DaemonUnreachable("timeout", "it hangs"))
      : Promise.resolve([]);
  await withLink(answer, async (link, states) => {
    await assert.rejects(link.call("hosts", {}), /it hangs/);
    assert.deepEqual(states, [null, "it hangs"]);
    isHanging = false;
    await until(() => link.problem === null);
    assert.deepEqual(await link.call("hosts", {}), []);
    assert.deepEqual(states, [null, "it hangs", null]);
  });
});

Deno.test("the page asks on the socket for reading first", async () => {
  const context = fakeContext({
    uid: 0,
    files: {
      "/etc/diskd/config.yaml": "readSocket: /run/diskd/read.sock\n",
    },
  });
  const options = {};
  const read = await findSockets({ options, context, readsOnly: true });
  assert.equal(read[0], "/run/diskd/read.sock");
  const others = await findSockets({ options, context });
  assert.equal(others[0], "/run/diskd/control.sock");
  assert.deepEqual(read.toSorted(), others.toSorted());
});
