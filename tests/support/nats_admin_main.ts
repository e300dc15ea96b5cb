/**
 * The administrator of a NATS server without accounts: `delete` deletes the
 * bucket of diskd, `keys` prints its keys.
 */
import { Kvm } from "@nats-io/kv";
import { connect } from "@nats-io/transport-node";

if (import.meta.main) {
  const connection = await connect({ servers: "127.0.0.1:4222" });
  const bucket = await new Kvm(connection).open("diskd");
  if (Deno.args[0] === "delete") await bucket.destroy();
  else for await (const key of await bucket.keys()) console.log(key);
  await connection.close();
}
