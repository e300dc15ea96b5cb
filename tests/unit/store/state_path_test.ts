import assert from "node:assert/strict";
import { historyPath } from "../../../src/store/state_path.ts";

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
