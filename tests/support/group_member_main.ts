/**
 * Speaks to diskd's group and listens to it, from the host that it runs on:
 *
 *     group_member_main.ts ADDRESS REFRESH_MS
 *
 * ADDRESS is the host's own. Has its membership reported anew every REFRESH_MS,
 * never with 0. Prints a line for each datagram: who sent it.
 */
import { openMulticast } from "../../src/transport/multicast.ts";

const SPEAK_EVERY_MS = 100;

const [address = "", refreshMs = "0"] = Deno.args;
const network = openMulticast(
  { group: "230.1.2.3", port: 32003, ttl: 2 },
  (_bytes, from) => console.log(from),
);
await network.use([{ name: "eth0", address, prefixLength: 24 }]);
setInterval(() => network.send([new Uint8Array(1)]), SPEAK_EVERY_MS);
if (refreshMs !== "0") {
  setInterval(() => network.refresh(), Number(refreshMs));
}
