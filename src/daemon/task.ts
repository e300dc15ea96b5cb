/** A part of the daemon that is started and stopped. */
export interface Task {
  readonly name: string;
  start(): Promise<void> | void;
  stop(): Promise<void> | void;
}

/**
 * Starts tasks in their order. When one cannot start, those before it are
 * stopped again, and the error is thrown on.
 */
export async function startTasks(tasks: readonly Task[]): Promise<void> {
  for (const [index, task] of tasks.entries()) {
    try {
      await task.start();
    } catch (error) {
      await stopTasks(tasks.slice(0, index), () => {});
      throw error;
    }
  }
}

/** Stops tasks, the last one first. One that fails to is told, and the others are stopped all the same. */
export async function stopTasks(
  tasks: readonly Task[],
  onFailure: (task: Task, error: unknown) => void,
): Promise<void> {
  for (const task of tasks.toReversed()) {
    try {
      await task.stop();
    } catch (error) {
      onFailure(task, error);
    }
  }
}
