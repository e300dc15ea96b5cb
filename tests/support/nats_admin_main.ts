/**
 * The administrator of the NATS server of this host, `admin` where it has users.
 * `make JSON` makes the bucket of diskd with these options, `delete` deletes it,
 * `keys` prints its keys, `flood COUNT` says so many times 100 KB to all who
 * watch, and `repeat KEY SUBJECT` says what is kept there on that subject for ever.
 */
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
    case "repeat": {
      const kept = await (await kvm.open(BUCKET)).get(words[0]!);
      console.log("repeating");
      while (true) {
        connection.publish(words[1]!, kept!.value);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }
  }
  await connection.drain();
}
