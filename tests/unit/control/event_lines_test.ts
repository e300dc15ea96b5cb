import assert from "node:assert/strict";
import { EventLines } from "../../../src/control/session.ts";
import { eventRow, PLAIN_TEXT } from "./support.ts";

Deno.test("EventLines makes a line of each kind once, however many clients get it", () => {
  let made = 0;
  const lines = new EventLines({
    event(event) {
      made++;
      return PLAIN_TEXT.event(event);
    },
  });
  const [event, other] = [eventRow("/dev/sdb"), eventRow("/dev/sdc")];
  const text = lines.bytes(event, "text");
  assert.equal(lines.bytes(event, "text"), text);
  assert.equal(made, 1);
  const json = lines.bytes(event, "json");
  assert.equal(lines.bytes(event, "json"), json);
  assert.equal(decode(text), "attached /dev/sdb\n");
  assert.deepEqual(JSON.parse(decode(json)), {
    jsonrpc: "2.0",
    method: "event",
    params: event,
  });
  assert.equal(decode(lines.bytes(other, "text")), "attached /dev/sdc\n");
});

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
