import assert from "node:assert/strict";
import { startTasks, stopTasks, type Task } from "../../../src/daemon/tasks.ts";

Deno.test("tasks start in order and stop in the reverse of it", async () => {
  const { calls, task } = recorder();
  const tasks = [task("a"), task("b")];
  await startTasks(tasks);
  await stopTasks(tasks, assert.fail);
  assert.deepEqual(calls, ["start a", "start b", "stop b", "stop a"]);
});

Deno.test("when a task cannot start, those before it are stopped and the error comes out", async () => {
  const { calls, task } = recorder();
  const broken = {
    ...task("b"),
    start: () => Promise.reject(new Error("no port")),
  };
  await assert.rejects(startTasks([task("a"), broken, task("c")]), /no port/);
  assert.deepEqual(calls, ["start a", "stop a"]);
});

Deno.test("a task that cannot stop is told of, and the others stop all the same", async () => {
  const { calls, task } = recorder();
  const stuck = { ...task("b"), stop: () => Promise.reject(new Error("x")) };
  const told: string[] = [];
  await stopTasks([task("a"), stuck], ({ name }, error) => {
    told.push(`${name} ${error}`);
  });
  assert.deepEqual(told, ["b Error: x"]);
  assert.deepEqual(calls, ["stop a"]);
});

function recorder() {
  const calls: string[] = [];
  const task = (name: string): Task => ({
    name,
    start: () => void calls.push(`start ${name}`),
    stop: () => void calls.push(`stop ${name}`),
  });
  return { calls, task };
}
