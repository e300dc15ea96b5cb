/**
 * What Deno costs a program with the sockets of diskd and an open database,
 * that does nothing with them. Its argument is a folder to write to.
 */
import { DatabaseSync } from "node:sqlite";

const GROUP = "239.255.32.3";

const [folder] = Deno.args;
const udp = Deno.listenDatagram({
  transport: "udp",
  hostname: "0.0.0.0",
  port: 32_003,
  reuseAddress: true,
});
await udp.joinMulticastV4(GROUP, "0.0.0.0").catch(() => {});
const control = Deno.listen({ transport: "unix", path: `${folder}/socket` });
const database = new DatabaseSync(`${folder}/database`);
database.exec("PRAGMA journal_mode = WAL; CREATE TABLE t (a)");
console.error("ready");
for await (const conn of control) conn.close();
