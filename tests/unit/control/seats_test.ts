import assert from "node:assert/strict";
import { Seats } from "../../../src/control/seats.ts";

Deno.test("Seats keeps room for whoever may do everything", () => {
  const seats = new Seats({ maxClients: 3, maxReaders: 2 });
  assert.deepEqual([1, 2, 3].map(() => seats.take("read")), [
    true,
    true,
    false,
  ]);
  assert.equal(seats.take("all"), true);
  assert.equal(seats.take("all"), false);
  assert.deepEqual([seats.most("read"), seats.most("all")], [2, 3]);
});

Deno.test("Seats has room again when somebody left", () => {
  const seats = new Seats({ maxClients: 2, maxReaders: 1 });
  seats.take("all");
  seats.take("read");
  seats.leave("read");
  assert.equal(seats.take("all"), true);
  assert.equal(seats.take("read"), false);
  seats.leave("all");
  assert.equal(seats.take("read"), true);
});
