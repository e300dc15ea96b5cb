import type { OverdueRow } from "./notify_views.ts";
import type {
  DiskRow,
  DuplicateRow,
  HostRow,
  MethodName,
  Methods,
  StatusView,
} from "./views.ts";

/** Answers of the daemon from which metrics are made. */
export interface MetricsFacts {
  /** Whether it is about the disks of all hosts, or of this host alone. */
  readonly all: boolean;
  readonly status: StatusView;
  /** Detached ones included. */
  readonly disks: readonly DiskRow[];
  /** All that are known. */
  readonly hosts: readonly HostRow[];
  readonly duplicates: readonly DuplicateRow[];
  /** All disks that are expected. */
  readonly expected: readonly OverdueRow[];
}

/** A question to the daemon, and what it answers. */
export type AskDaemon = <M extends MethodName>(
  method: M,
  params: Methods[M]["params"],
) => Promise<Methods[M]["result"]>;

/** Asks one question after the other: the read-only socket answers no two at once. */
export async function askForMetrics(
  ask: AskDaemon,
  { all }: Pick<MetricsFacts, "all">,
): Promise<MetricsFacts> {
  const status = await ask("status", {});
  const { hostId } = status;
  const disks = await ask("list", {
    all: true,
    ...(!all && { host: hostId }),
  });
  const hosts = await ask("hosts", {});
  const shared = await ask("duplicates", {});
  const duplicates = all
    ? shared
    : shared.filter(({ disks }) => disks.some((row) => row.hostId === hostId));
  const expected = await ask("overdue", { all: true });
  return { all, status, disks, hosts, duplicates, expected };
}
