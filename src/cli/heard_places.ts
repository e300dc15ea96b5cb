import type { HostRow } from "../control/views.ts";
import { type HeardAt, NOT_HEARD } from "../mount/ssh_route.ts";

interface Here {
  readonly hostId: string;
  /** `null`: it has no name. */
  readonly site: string | null;
}

/** Where this host hears the others, as far as ssh needs to know. */
export class HeardPlaces {
  readonly #hosts: readonly HostRow[];
  readonly #here: Here;

  constructor(hosts: readonly HostRow[], here: Here) {
    this.#hosts = hosts;
    this.#here = here;
  }

  /** The one with this id. */
  at(hostId: string): HeardAt {
    const row = this.#find(hostId);
    if (row === undefined) return NOT_HEARD;
    const namesakes = this.#hosts.filter((other) =>
      other.hostId !== hostId && isUp(other) && nameKey(other) === nameKey(row)
    );
    return {
      addresses: row.addresses,
      namesakes: namesakes.flatMap(({ addresses }) => addresses),
      beyond: this.#beyond(row),
    };
  }

  /** Relays of its site reach a host, relays of this one reach those, and so does this host if it is one. */
  #beyond(row: HostRow): HeardAt["beyond"] {
    const { site = null } = row;
    const here = this.#here;
    if (site === null || site === here.site) return null;
    if (isRelay(row) && isRelay(this.#find(here.hostId))) return null;
    const ofSite = isRelay(row) ? here.site : site;
    const relays = this.#hosts.filter((one) =>
      isRelay(one) && isUp(one) && (one.site ?? null) === ofSite &&
      one.hostId !== here.hostId
    );
    return {
      site,
      relaysOf: ofSite ?? "this site",
      relays: relays.map(({ host, hostId }) => ({
        host,
        hostId,
        heardAt: this.at(hostId),
      })),
    };
  }

  #find(hostId: string): HostRow | undefined {
    return this.#hosts.find((one) => one.hostId === hostId);
  }
}

/** Whether it reaches relays of other sites. */
function isRelay(row: HostRow | undefined): boolean {
  return (row?.relayOf ?? null) !== null;
}

function isUp({ state }: HostRow): boolean {
  return state === "up";
}

/** Names differ in DNS if these do. */
function nameKey({ host }: HostRow): string {
  return host.toLocaleLowerCase("en");
}
