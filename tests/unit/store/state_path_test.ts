import assert from "node:assert/strict";
import { acceptedPaths, historyPath } from "../../../src/store/state_path.ts";

Deno.test("historyPath() gives each socket of a state directory a file of its own", () => {
  const defaultSocket = "/run/diskd/control.sock";
  const path = (socket: string) =>
    historyPath("/var/lib/diskd", { socket, defaultSocket });
  assert.equal(path(defaultSocket), "/var/lib/diskd/history.db");
  assert.equal(
    path("/run/a_b/control.sock"),
    "/var/lib/diskd/history_run_a__b_control.sock.db",
  );
});

Deno.test("acceptedPaths() has the journal beside the socket, and the snapshot in the state directory", () => {
  const defaultSocket = "/run/diskd/control.sock";
  const paths = (socket: string) =>
    acceptedPaths("/var/lib/diskd", { socket, defaultSocket });
  assert.deepEqual(paths(defaultSocket), {
    journal: "/run/diskd/control.sock.accepted",
    snapshot: "/var/lib/diskd/accepted.txt",
  });
  assert.deepEqual(paths("/run/y.sock"), {
    journal: "/run/y.sock.accepted",
    snapshot: "/var/lib/diskd/accepted_run_y.sock.txt",
  });
});
