import assert from "node:assert/strict";
import { EventStreams } from "../../../src/web/event_streams.ts";
import type { TextStream } from "../../../src/web/http_connection.ts";
import { until } from "../../support/eventually.ts";
import { withTimersSoon } from "../../support/soon.ts";

const MAX_STREAMS = 64;
const HEARTBEAT_MS = 15_000;

class FakeStream implements TextStream {
  readonly #end = Promise.withResolvers<void>();
  readonly closed = this.#end.promise;
  got = "";

  push(text: string): void {
    this.got += text;
  }

  close(): void {
    this.#end.resolve();
  }
}

const first = { kind: "daemon", data: () => ({ problem: null }) } as const;

Deno.test("EventStreams counts those that are being opened, and none that has ended", async () => {
  const streams = new EventStreams();
  const openings = Array.from(
    { length: MAX_STREAMS },
    () => Promise.withResolvers<TextStream | null>(),
  );
  assert.ok(!streams.isFull);
  const serving = openings.map(({ promise }) => streams.serve(promise, first));
  assert.ok(streams.isFull);
  // One asked for the head alone, one is gone, one follows and ends.
  openings[0]!.resolve(null);
  await serving[0];
  assert.ok(!streams.isFull);
  const again = Promise.withResolvers<TextStream | null>();
  const failing = streams.serve(again.promise, first);
  assert.ok(streams.isFull);
  again.reject(new Error("gone"));
  await assert.rejects(failing, /gone/);
  assert.ok(!streams.isFull);
  const opened = openings.slice(1).map(({ resolve }) => {
    const stream = new FakeStream();
    resolve(stream);
    return stream;
  });
  await until(() => opened.every(({ got }) => got !== ""));
  for (const stream of opened) stream.close();
  await Promise.all(serving);
  streams.send("event", {});
  assert.ok(opened.every(({ got }) => !got.includes("event: event")));
});

Deno.test("EventStreams tells all, each from its beginning on", async () => {
  const streams = new EventStreams();
  const stream = new FakeStream();
  const opening = Promise.withResolvers<TextStream | null>();
  let problem = "none yet";
  const data = () => ({ problem });
  const serving = streams.serve(opening.promise, { kind: "daemon", data });
  problem = "gone";
  opening.resolve(stream);
  await until(() => stream.got !== "");
  streams.send("event", { label: "a\nb" });
  assert.equal(
    stream.got,
    'retry: 1000\nevent: daemon\ndata: {"problem":"gone"}\n\n' +
      'event: event\ndata: {"label":"a\\nb"}\n\n',
  );
  stream.close();
  await serving;
});

Deno.test("EventStreams says that it is there while somebody follows", async () => {
  await withTimersSoon([HEARTBEAT_MS], async (asked) => {
    const streams = new EventStreams();
    for (let time = 1; time <= 2; time++) {
      const [one, other] = [new FakeStream(), new FakeStream()];
      const serving = [one, other].map((stream) =>
        streams.serve(Promise.resolve(stream), first)
      );
      await until(() => other.got.endsWith("\n\n:\n\n:\n\n"));
      one.close();
      await serving[0];
      const heard = other.got.length;
      await until(() => other.got.length > heard);
      other.close();
      await serving[1];
      assert.equal(asked.filter((ms) => ms === HEARTBEAT_MS).length, time);
    }
  });
});
