import type {
  History,
  Moment,
  ShownDisk,
  ShownHost,
  TrueHost,
  View,
} from "./history.ts";

/** Once the network has been well for an interval, all views agree with the truth; and later nobody takes a dead host for one that lives. */
export function checkAgreement({ moments }: History): string[] {
  return moments.flatMap((moment) =>
    moment.views.flatMap((view) => [
      ...moment.truth.flatMap((host) => checkHost(host, view, moment)),
      ...checkSelf(view, moment),
    ])
  );
}

function checkHost(host: TrueHost, view: View, moment: Moment): string[] {
  const where = `${moment.kind} at ${moment.at}: ${view.viewer}`;
  const shown = view.hosts.find(({ id }) => id === host.id);
  if (!host.isRunning) {
    return moment.kind === "settled" && shown?.liveness === "up"
      ? [`${where} takes ${host.id} for up, which was ended`]
      : [];
  }
  if (shown === undefined) return [`${where} does not know ${host.id}`];
  const { kind } = moment;
  return [
    ...differences(host, shown, kind).map((what) =>
      `${where} shows ${host.id} with ${what}`
    ),
    ...misled(host, view, moment).map(({ id }) =>
      `${where} shows ${id} with the address of ${host.id}`
    ),
  ];
}

/** The other hosts that are shown with the address of a host, once it was heard where it is. */
function misled(
  { id, address }: TrueHost,
  { hosts }: View,
  { truth, kind }: Moment,
): ShownHost[] {
  if (kind === "healed") return [];
  const addressOf = new Map(truth.map((host) => [host.id, host.address]));
  return hosts.filter((host) => {
    if (host.id === id || !host.addresses.includes(address)) return false;
    const own = addressOf.get(host.id);
    return own !== address &&
      (own === undefined || host.addresses[0] === own);
  });
}

function differences(
  host: TrueHost,
  shown: ShownHost,
  kind: Moment["kind"],
): string[] {
  const found: string[] = [];
  if (shown.liveness !== "up") found.push(`state ${shown.liveness}, not up`);
  if (shown.name !== host.name) {
    found.push(`name ${shown.name}, not ${host.name}`);
  }
  // An address that it had in turn with another host goes behind after two
  // announcements.
  const isKnownThere = kind === "healed" &&
    shown.addresses.includes(host.address);
  if (!isKnownThere && !isWhereItIs(shown, host)) {
    found.push(`addresses ${shown.addresses}, not ${host.address} first`);
  }
  const expected = text(host.disks);
  const actual = text(shown.disks);
  if (actual !== expected) found.push(`disks ${actual}, not ${expected}`);
  return found;
}

/**
 * Its IPv4 address comes first. If hosts had it in turn it may be a floating
 * one, which comes behind a link-local one.
 */
function isWhereItIs(
  { addresses }: ShownHost,
  { address, ipv6 }: TrueHost,
): boolean {
  return addresses[0] === address ||
    addresses[0] === ipv6 && addresses.includes(address);
}

/** Everybody is in his own view, first. */
function checkSelf(view: View, moment: Moment): string[] {
  return view.hosts[0]?.id === view.hostId ? [] : [
    `${moment.kind} at ${moment.at}: ${view.viewer} is not first in its view`,
  ];
}

function text(disks: readonly ShownDisk[]): string {
  return disks
    .map(({ device, uuid, label, mounts, size }) =>
      `${device}=${uuid}/${label}/${mounts}/${size}`
    )
    .sort()
    .join(" ");
}
