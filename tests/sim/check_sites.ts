import { isEnvelope } from "../../src/codec/envelope.ts";
import { farAddress, splitAddress } from "../../src/inventory/far_address.ts";
import { checkAgreement } from "./check_agreement.ts";
import { checkDatagrams } from "./check_datagrams.ts";
import { checkRate } from "./check_rate.ts";
import type { View } from "./history.ts";
import type {
  SitesHistory,
  SitesMoment,
  TrueSiteHost,
} from "./sites_history.ts";
import { opened } from "./sites_liars.ts";

/**
 * An interval after the last trouble and the last lie, everybody knows everybody
 * and where he is: near hosts with an address of their networks, far ones with
 * their site. After another interval nobody is shown anywhere else first: where
 * a host, or a liar, put it before counts no more than where it was last.
 */
export function checkSitesAgreement(history: SitesHistory): string[] {
  const moments = history.moments.flatMap((moment) =>
    moment.views.map((view) => ({
      ...moment,
      truth: moment.truth.map((host) => asSeenBy(view, host, moment)),
      views: [view],
    }))
  );
  return checkAgreement({ ...history, moments });
}

/** A host with the address under which it is to be shown there. */
function asSeenBy(
  view: View,
  host: TrueSiteHost,
  { truth, kind }: SitesMoment,
): TrueSiteHost {
  const viewer = truth.find(({ id }) => id === view.hostId)!;
  const { addresses = [] } = view.hosts.find(({ id }) => id === host.id) ?? {};
  const right = addressesFor(viewer, host);
  // Where it was before goes behind with the second announcement.
  const shown = kind === "healed" ? addresses : addresses.slice(0, 1);
  return {
    ...host,
    address: right.find((one) => shown.includes(one)) ?? right[0]!,
  };
}

/** A relay has an address in the tunnels too, but hosts of its own site hear it themselves. */
function addressesFor(viewer: TrueSiteHost, host: TrueSiteHost): string[] {
  const all = [...host.addressOn.values()];
  if (viewer.site === host.site) {
    const common = [...host.addressOn].flatMap(([network, address]) =>
      viewer.addressOn.has(network) ? [address] : []
    );
    return common.length > 0 ? common : all;
  }
  return [...all, host.far].filter((address) => address !== null)
    .map((address) => farAddress(address, host.site!));
}

/** No relay ever takes a host for one of another site because its own site is told back to it. */
export function checkEchoes({ glimpses }: SitesHistory): string[] {
  return glimpses.flatMap(({ at, site, view }) =>
    view.hosts.filter(({ addresses }) =>
      addresses.some((one) => splitAddress(one).site === (site ?? ""))
    ).map(({ id, addresses }) =>
      `At ${at} ${view.viewer} of ${site} shows ${id} at ${addresses}`
    )
  );
}

/** No LAN ever carries more than it may, relays included. */
export function checkSitesRate({ wire, networks }: SitesHistory): string[] {
  return networks.flatMap((network) =>
    checkRate({ wire: wire.filter(({ to }) => to === network) })
      .map((problem) => `${network}: ${problem}`)
  );
}

/** What is passed on is what a host said, byte for byte; and that is as on a LAN of its own. */
export function checkPassedOn(history: SitesHistory): string[] {
  const said = history.wire.filter(({ bytes }) => !isEnvelope(bytes));
  const texts = new Set(said.map(({ bytes }) => latin1.decode(bytes)));
  const changed = history.wire.filter(({ bytes }) => {
    const { isEnvelope, from, datagram } = opened(bytes);
    return isEnvelope && from !== null && !texts.has(latin1.decode(datagram));
  });
  return [
    ...checkDatagrams({ ...history, wire: said }),
    ...changed.map(({ at, by, to }) =>
      `At ${at} ${by} passes to ${to} what no host said`
    ),
  ];
}

const latin1 = new TextDecoder("latin1");
