/**
 * The administrator of the NATS server of this host, `admin` where it has users.
 * `make JSON` makes the bucket of diskd with these options, `delete` deletes it,
 * `keys` prints its keys, `flood COUNT` says so many times 100 KB to all who
 * watch, and `deliver KEY SUBJECT` has the server send what it keeps there to
 * that subject, as soon as somebody listens.
 */
import { AckPolicy, jetstreamManager } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import { connect } from "@nats-io/transport-node";

const BUCKET = "diskd";

if (import.meta.main) {
  const connection = await connect({
    servers: "127.0.0.1:4222",
    user: "admin",
    pass: "admin",
  });
  const [act, ...words] = Deno.args;
  const kvm = new Kvm(connection);
  switch (act) {
    case "make":
      await kvm.create(BUCKET, JSON.parse(words[0]!));
      break;
    case "delete":
      await (await kvm.open(BUCKET)).destroy();
      break;
    case "keys":
      for await (const key of await (await kvm.open(BUCKET)).keys()) {
        console.log(key);
      }
      break;
    case "flood": {
      const payload = new Uint8Array(100_000);
      for (let i = 0; i < Number(words[0]); i++) {
        connection.publish(`${BUCKET}.beat.nobody`, payload);
      }
      break;
    }
    case "deliver":
      await (await jetstreamManager(connection)).consumers.add(
        `KV_${BUCKET}`,
        {
          durable_name: "deliver",
          ack_policy: AckPolicy.None,
          filter_subject: `$KV.${BUCKET}.${words[0]}`,
          deliver_subject: words[1]!,
        },
      );
      break;
  }
  await connection.drain();
}
