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
import { withTimersSoon } from "../../support/soon.ts";

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
    const further = link.call("hosts", {});
    await until(() => answers.length > asked.length);
    answers.at(-1)!.reject(new Error("no answer"));
    await assert.rejects(further, /no answer/);
    // A question that failed keeps no other from its turn.
    const last = link.call("hosts", {});
    await until(() => answers.length > asked.length + 1);
    answers.at(-1)!.resolve([]);
    assert.deepEqual(await last, []);
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

/** A daemon whose connections the test ends. */
class RestlessDaemon {
  readonly states: (string | null)[] = [];
  readonly clients: WebClient[] = [];
  closed = 0;
  /** Why it cannot be connected to. */
  problem: string | null = null;
  #end = (_problem: string) => {};

  connect(): Promise<WebClient> {
    if (this.problem !== null) return Promise.reject(new Error(this.problem));
    const ended = Promise.withResolvers<void>();
    this.#end = (problem) =>
      ended.reject(new DaemonUnreachable("closed", problem));
    const client = clientOf(() => Promise.resolve([]));
    this.clients.push({
      ...client,
      // deno-lint-ignore require-yield
      watch: async function* () {
        await ended.promise;
      },
      close: () => {
        this.closed++;
        ended.resolve();
        return Promise.resolve();
      },
    });
    return Promise.resolve(this.clients.at(-1)!);
  }

  end(problem: string): void {
    this.#end(problem);
  }
}

async function withRestless(
  daemon: RestlessDaemon,
  use: (link: DaemonLink) => Promise<void>,
): Promise<void> {
  const link = new DaemonLink({
    connect: () => daemon.connect(),
    onEvent() {},
    onState: (problem) => daemon.states.push(problem),
  });
  const end = new AbortController();
  const running = link.run(end.signal);
  await use(link);
  end.abort();
  await running;
  assert.equal(daemon.closed >= daemon.clients.length, true);
}

const WAITS_MS = [200, 400, 800, 1_600, 3_200, 5_000];

Deno.test("DaemonLink waits longer from time to time, and begins anew once it was there", async () => {
  await withTimersSoon(WAITS_MS, async (asked) => {
    const daemon = new RestlessDaemon();
    daemon.problem = "it is away";
    const waits = () => asked.filter((ms) => WAITS_MS.includes(ms));
    await withRestless(daemon, async (link) => {
      await until(() => waits().length >= 8);
      assert.deepEqual(waits().slice(0, 8), [...WAITS_MS, 5_000, 5_000]);
      assert.deepEqual(daemon.states, ["it is away"]);
      await assert.rejects(link.call("hosts", {}), /it is away/);
      daemon.problem = null;
      await until(() => link.problem === null);
      daemon.problem = "it is away";
      const before = waits().length;
      daemon.end("it ended");
      await until(() => waits().length > before);
      assert.equal(waits()[before], 200);
    });
  });
});

Deno.test("DaemonLink tells each time that the daemon went, also if it went as before", async () => {
  await withTimersSoon(WAITS_MS, async () => {
    const daemon = new RestlessDaemon();
    await withRestless(daemon, async (link) => {
      for (const time of [1, 2, 3]) {
        await until(() => link.problem === null);
        daemon.end("it ended");
        await until(() => daemon.states.length >= 2 * time);
      }
      const told = [null, "it ended"];
      assert.deepEqual(daemon.states.slice(0, 6), [...told, ...told, ...told]);
    });
  });
});

Deno.test("DaemonLink ends at once, whatever it waits for", async () => {
  const daemon = new RestlessDaemon();
  daemon.problem = "it is away";
  await withTimersSoon(WAITS_MS, async (asked) => {
    await withRestless(daemon, () => until(() => asked.includes(5_000)));
  });
  const connecting = Promise.withResolvers<WebClient>();
  const states: (string | null)[] = [];
  const link = new DaemonLink({
    connect: () => connecting.promise,
    onEvent() {},
    onState: (problem) => states.push(problem),
  });
  const end = new AbortController();
  const running = link.run(end.signal);
  end.abort();
  const client = await new RestlessDaemon().connect();
  connecting.resolve(client);
  await running;
  assert.deepEqual(states, []);
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
