import assert from "node:assert/strict";
import { clientSockets } from "../../../src/config/paths.ts";
import { configuredSockets } from "../../../src/config/client_settings.ts";

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

Deno.test("clientSockets() tries what the configuration names first, and its socket for reading last", () => {
  const configured = { socket: "/srv/s", readSocket: "/srv/r" };
  assert.deepEqual(clientSockets({ uid: 0, env, configured }), [
    "/srv/s",
    "/run/diskd/control.sock",
    "/srv/r",
  ]);
});

Deno.test("clientSockets() tries only what --socket or DISKD_SOCKET names", () => {
  const configured = { socket: "/c", readSocket: "/r" };
  const given = { uid: 0, env: { DISKD_SOCKET: "/e" }, configured };
  assert.deepEqual(clientSockets(given), ["/e"]);
  assert.deepEqual(clientSockets({ ...given, socket: "/f" }), ["/f"]);
});

Deno.test("configuredSockets() reads the sockets and passes over what is wrong", () => {
  const none = { socket: null, readSocket: null };
  assert.deepEqual(
    configuredSockets("port: x\nsocket: /srv/s\nread-socket: /srv/r\n"),
    { socket: "/srv/s", readSocket: "/srv/r" },
  );
  assert.deepEqual(
    configuredSockets("socket: 5\nreadSocket: /srv/r\n"),
    { socket: null, readSocket: "/srv/r" },
  );
  assert.deepEqual(configuredSockets("port: 1\n"), none);
  assert.deepEqual(configuredSockets("socket: [\n"), none);
  assert.deepEqual(configuredSockets(""), none);
});
