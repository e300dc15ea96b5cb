/**
 * What `--json` promises to scripts, as docs/json.md says it and written down
 * once more, so that a type that changes does not take its test along. More
 * keys than these may come.
 */
import * as v from "valibot";

const time = v.pipe(
  v.string(),
  v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
);
const text = v.nullable(v.string());
const flag = v.nullable(v.boolean());
const id = v.pipe(v.string(), v.regex(/^([0-9a-f]{32}|v1-[0-9.]+)$/));
const address = v.pipe(v.string(), v.ipv4());
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const milliseconds = v.pipe(v.number(), v.minValue(0));
const sentences = v.array(v.string());

/** What a disk is, wherever it is. */
const hardware = {
  partuuid: text,
  partlabel: text,
  uuid_sub: text,
  model: text,
  serial: text,
  wwn: text,
  tran: text,
  rm: flag,
  ro: flag,
};

const said = {
  alias: text,
  note: text,
  tags: v.array(v.string()),
  remarks: v.array(v.object({
    field: v.string(),
    value: v.string(),
    at: time,
    host: v.string(),
    hostId: id,
  })),
};

const disks = v.array(v.object({
  host: v.string(),
  hostId: id,
  address: v.nullable(address),
  device: v.pipe(v.string(), v.startsWith("/dev/")),
  uuid: text,
  label: text,
  type: text,
  size: v.nullable(count),
  mounts: v.array(v.string()),
  mounts_ro: v.array(v.string()),
  holders: v.array(v.string()),
  state: v.picklist(["attached", "stale", "detached"]),
  unplugged: v.boolean(),
  seenAt: time,
  since: v.nullable(time),
  ...hardware,
  ...said,
}));

const remarked = v.array(v.object({
  label: text,
  uuid: text,
  partuuid: text,
  serial: text,
  wwn: text,
  ...said,
}));

const hosts = v.array(v.object({
  host: v.string(),
  hostId: id,
  addresses: v.array(address),
  version: text,
  disks: count,
  state: v.picklist(["up", "stale", "gone"]),
  heardAt: time,
  key: text,
}));

const localhost = v.object({
  host: v.string(),
  hostId: id,
  version: v.string(),
  addresses: v.array(address),
  interfaces: v.array(v.object({
    name: v.string(),
    address,
    joined: v.boolean(),
    problem: text,
  })),
});

const config = v.object({
  file: text,
  changed: sentences,
  restart: sentences,
  problem: text,
});

const status = v.object({
  config,
  unread: sentences,
  version: v.string(),
  hostId: id,
  host: v.string(),
  uptimeSeconds: count,
  scan: v.object({
    at: v.nullable(time),
    ok: v.boolean(),
    durationMs: v.nullable(milliseconds),
    disks: count,
    problems: sentences,
    deviceEvents: v.picklist(["udev", "kernel", "none"]),
    mountEvents: v.picklist(["events", "none"]),
  }),
  datagrams: v.object({
    sent: count,
    sendErrors: count,
    received: count,
    own: count,
    copies: count,
    rejected: v.record(v.string(), count),
  }),
  hosts: count,
  disks: count,
  forgotten: v.object({ hosts: count, disks: count, addresses: count }),
  clients: v.object({
    now: count,
    served: count,
    turnedAway: count,
    delayed: count,
    watching: count,
    dropped: count,
  }),
  history: v.object({
    on: v.boolean(),
    problem: text,
    bytes: v.nullable(count),
    longestMs: milliseconds,
  }),
  problems: sentences,
});

const sighting = {
  host: v.string(),
  hostId: id,
  device: v.string(),
  uuid: text,
  label: text,
  type: text,
  size: v.nullable(count),
  mounts: v.array(v.string()),
  state: v.picklist(["attached", "stale", "detached"]),
  from: time,
  until: v.nullable(time),
  seenAt: time,
  ...hardware,
};

const event = v.object({
  event: v.picklist([
    "attached",
    "detached",
    "renamed",
    "moved",
    "changed",
    "failing",
    "recovered",
    "mounted",
    "unmounted",
    "host-up",
    "host-stale",
    "host-gone",
  ]),
  at: time,
  host: v.string(),
  hostId: id,
  device: text,
  uuid: text,
  label: text,
  mount: text,
  from: text,
  serial: text,
  fromDevice: text,
  changes: v.array(v.object({ field: v.string() })),
  fromId: v.nullable(id),
});

const host = v.object({ host: v.string(), hostId: id });

/** What the control socket answers to `find`. */
const find = v.object({
  rows: disks,
  contents: disks,
  verdict: v.object({
    kind: v.picklist([
      "attached",
      "stale",
      "moved",
      "detached",
      "elsewhere",
      "may-have-moved",
      "clone",
      "shared",
      "clone-or-shared",
      "members",
      "namesakes",
      "ambiguous",
      "not-known",
    ]),
    hosts: v.array(host),
    from: v.array(host),
    to: v.nullable(host),
    since: v.nullable(time),
    devices: v.array(v.string()),
    uuids: v.array(v.string()),
    suggestions: v.array(v.string()),
  }),
});

/** What each command prints; of `watch`, a line of it. */
const DOCUMENTS = {
  list: disks,
  where: disks,
  find,
  scan: disks,
  hosts,
  localhost,
  status,
  watch: event,
  history: v.array(v.object({ ...sighting, ...said })),
  export: v.object({
    format: v.literal("diskd-export"),
    version: v.literal(1),
    exportedAt: time,
    host: v.string(),
    hostId: id,
    hosts,
    remarks: v.array(v.object({
      subject: v.string(),
      field: v.string(),
      value: text,
      at: count,
      by: id,
      host: v.string(),
      key: v.string(),
      signature: v.string(),
    })),
    sightings: v.array(v.object(sighting)),
  }),
  import: v.object({
    added: count,
    extended: count,
    known: count,
    remarks: v.object({ added: count, known: count, skipped: count }),
  }),
  reload: config,
  refresh: v.object({
    ok: v.boolean(),
    durationMs: milliseconds,
    disks: count,
    attached: count,
    detached: count,
    changed: count,
    problems: sentences,
  }),
  announce: v.object({ interfaces: count, datagrams: count, disks: count }),
  ping: v.object({
    answers: v.array(v.object({
      host: v.string(),
      hostId: id,
      address: v.nullable(address),
      afterMs: milliseconds,
    })),
    silent: v.array(v.object({
      host: v.string(),
      hostId: id,
      address: v.nullable(address),
    })),
    durationMs: milliseconds,
  }),
  label: v.object({
    name: text,
    label: text,
    uuid: text,
    serial: text,
    wwn: text,
    model: text,
    size: v.nullable(count),
    code: v.string(),
  }),
  note: remarked,
  name: remarked,
  tag: remarked,
  duplicates: v.array(v.object({
    kind: v.picklist([
      "uuid",
      "uuid_sub",
      "partuuid",
      "wwn",
      "serial",
      "label",
    ]),
    value: v.string(),
    disks,
  })),
  forget: v.object({
    hosts,
    disks: v.array(v.object({
      uuid: text,
      label: text,
      host: text,
      hostId: v.nullable(id),
      device: text,
      seenAt: v.nullable(time),
    })),
    sightings: count,
  }),
  doctor: v.object({
    ok: v.boolean(),
    findings: v.array(v.object({
      check: v.picklist([
        "programs",
        "udev",
        "permissions",
        "clock",
        "configuration",
        "keys",
        "daemon",
        "history",
        "interface",
        "route",
        "port",
        "echo",
        "firewall",
        "switch",
        "hosts",
        "peers",
        "hub",
      ]),
      result: v.picklist(["ok", "warning", "fault"]),
      text: v.string(),
      remedies: sentences,
    })),
  }),
  "config check": v.object({
    ok: v.boolean(),
    file: text,
    config: v.nullable(v.record(v.string(), v.unknown())),
    problems: v.array(v.object({
      place: v.string(),
      key: text,
      message: v.string(),
    })),
  }),
} as const;

export type Documents = {
  readonly [Command in keyof typeof DOCUMENTS]: v.InferOutput<
    typeof DOCUMENTS[Command]
  >;
};

/** One document of a command, checked to be all that is promised. */
export function parseDocument<Command extends keyof Documents>(
  command: Command,
  json: string,
): Documents[Command] {
  const result = v.safeParse(DOCUMENTS[command], JSON.parse(json));
  if (result.success) return result.output as Documents[Command];
  const wrong = result.issues.map((issue) =>
    `${v.getDotPath(issue) ?? "the document"}: ${issue.message}`
  );
  throw new Error(`${command} --json: ${wrong.join("; ")}, in ${json}`);
}
