import assert from "node:assert/strict";
import { Socket } from "node:net";
import "../../../src/transport/nats_link.ts";

Deno.test("an error of a socket that the library of NATS has left ends nothing", () => {
  const socket = new Socket();
  socket.on("error", () => assert.fail("it was taken off"));
  socket.removeAllListeners();
  socket.emit("error", new Error("read ECONNRESET"));
  socket.destroy();
});
