import assert from "node:assert/strict";
import { clientSockets } from "../../../src/config/client_sockets.ts";
import { configuredSocket } from "../../../src/config/configured_socket.ts";

const env = { XDG_RUNTIME_DIR: "/run/user/1000" };

Deno.test("clientSockets() tries the user's own, then root's", () => {
  assert.deepEqual(clientSockets({ uid: 1000, env, configured: null }), [
    "/run/user/1000/diskd/control.sock",
    "/run/diskd/control.sock",
  ]);
  assert.deepEqual(clientSockets({ uid: 0, env, configured: null }), [
    "/run/diskd/control.sock",
  ]);
  assert.deepEqual(clientSockets({ uid: 1000, env: {}, configured: null }), [
    "/run/diskd/control.sock",
  ]);
});

Deno.test("clientSockets() tries what the configuration names first", () => {
  assert.deepEqual(clientSockets({ uid: 0, env, configured: "/srv/s" }), [
    "/srv/s",
    "/run/diskd/control.sock",
  ]);
});

Deno.test("clientSockets() tries only what --socket or DISKD_SOCKET names", () => {
  const given = { uid: 0, env: { DISKD_SOCKET: "/e" }, configured: "/c" };
  assert.deepEqual(clientSockets(given), ["/e"]);
  assert.deepEqual(clientSockets({ ...given, socket: "/f" }), ["/f"]);
});

Deno.test("configuredSocket() reads the socket and passes over what is wrong", () => {
  assert.equal(configuredSocket("port: x\nsocket: /srv/s\n"), "/srv/s");
  assert.equal(configuredSocket("port: 1\n"), null);
  assert.equal(configuredSocket("socket: 5\n"), null);
  assert.equal(configuredSocket("socket: [\n"), null);
  assert.equal(configuredSocket(""), null);
});
