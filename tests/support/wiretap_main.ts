/**
 * Listens to diskd's group on the host that it runs on, and says nothing:
 *
 *     wiretap_main.ts ADDRESS
 *
 * ADDRESS is the host's own. Prints a line for each datagram: when it came, in
 * ms since 1970, who sent it, and its bytes in base64, with spaces between.
 */
const GROUP = "230.1.2.3";

const [address = ""] = Deno.args;
const socket = Deno.listenDatagram({
  transport: "udp",
  hostname: "0.0.0.0",
  port: 32_003,
  reuseAddress: true,
});
await socket.joinMulticastV4(GROUP, address);
console.log("listening");
for await (const [bytes, from] of socket) {
  const { hostname } = from as Deno.NetAddr;
  console.log(`${Date.now()} ${hostname} ${bytes.toBase64()}`);
}
