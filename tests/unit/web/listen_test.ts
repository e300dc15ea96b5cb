import assert from "node:assert/strict";
import { pause, within } from "../../../src/system/within.ts";
import {
  CannotListen,
  isLocal,
  type Listen,
  listenOn,
  parseListen,
} from "../../../src/web/listen.ts";

Deno.test("parseListen() reads addresses with ports, and paths of sockets", () => {
  const tcp = (address: string, port: number): Listen => ({
    kind: "tcp",
    address,
    port,
  });
  assert.deepEqual(parseListen("8082"), tcp("127.0.0.1", 8082));
  assert.deepEqual(parseListen("0.0.0.0:80"), tcp("0.0.0.0", 80));
  assert.deepEqual(parseListen("[::1]:0"), tcp("::1", 0));
  assert.deepEqual(parseListen("unix:/run/x.sock"), {
    kind: "unix",
    path: "/run/x.sock",
  });
  const wrong = [
    ...["", ":80", "alpha:80", "1.2.3:80", "1.2.3.4", "::1:80", "65536"],
    ...["[1.2.3.4]:80", "unix:x.sock", "1.2.3.4:-1", "1.2.3.4:80/"],
  ];
  for (const text of wrong) assert.equal(parseListen(text), null, text);
});

Deno.test("isLocal() knows what only this host reaches", () => {
  const local = (text: string) => isLocal(parseListen(text)!);
  assert.ok(local("127.0.0.1:1") && local("[::1]:1") && local("unix:/x"));
  assert.ok(!local("0.0.0.0:1") && !local("[::]:1") && !local("[::12]:1"));
  assert.ok(!local("192.168.1.11:1"));
});

async function refused(listen: Listen): Promise<string> {
  const error = await listenOn(listen).then(
    ({ listener }) => listener.close(),
    (error: unknown) => error,
  );
  assert.ok(error instanceof CannotListen, String(error));
  return error.message;
}

Deno.test("listenOn() says why it cannot, and what to do", async () => {
  const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  const tcp = { kind: "tcp", port } as const;
  assert.match(
    await refused({ ...tcp, address: "127.0.0.1" }),
    /already serves on 127\.0\.0\.1 port \d+; stop it, or give another place with --listen/,
  );
  assert.match(
    await refused({ ...tcp, address: "192.0.2.1" }),
    /this host has no such address/,
  );
  taken.close();
});

Deno.test("listenOn() replaces a socket that nobody answers on, and nothing else", async () => {
  const folder = await Deno.makeTempDir({ prefix: "diskd-web-" });
  try {
    const path = `${folder}/page.sock`;
    const listen = { kind: "unix", path } as const;
    await leaveSocket(path);
    const listening = await listenOn(listen);
    assert.equal(listening.address, `unix:${path}`);
    assert.equal(Deno.lstatSync(path).mode! & 0o777, 0o660);
    assert.match(await refused(listen), /another program already serves/);
    listening.listener.close();
    listening.cleanUp();
    assert.throws(() => Deno.lstatSync(path), Deno.errors.NotFound);
    Deno.writeTextFileSync(path, "precious");
    assert.match(await refused(listen), /exists and is not a socket/);
    assert.equal(Deno.readTextFileSync(path), "precious");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("listenOn() ends connections that another umask let in before the socket had its mode", async () => {
  const folder = await Deno.makeTempDir({ prefix: "diskd-web-" });
  const path = `${folder}/page.sock`;
  const { chmodSync } = Deno;
  let early: Promise<Deno.UnixConn> | undefined;
  Deno.chmodSync = (...given) => {
    early = Deno.connect({ transport: "unix", path });
    chmodSync(...given);
  };
  const umask = Deno.umask(0);
  try {
    const { listener } = await listenOn({ kind: "unix", path }).finally(() => {
      Deno.umask(umask);
      Deno.chmodSync = chmodSync;
    });
    const accepted = listener.accept();
    using intruder = await early!;
    const ended = intruder.read(new Uint8Array(1));
    assert.equal(await within(5_000, ended), null);
    await pause(100);
    using client = await Deno.connect({ transport: "unix", path });
    await client.write(new Uint8Array([7]));
    using served = await accepted;
    const buffer = new Uint8Array(1);
    assert.equal(await served.read(buffer), 1);
    assert.equal(buffer[0], 7);
    listener.close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** As a killed process leaves it. */
async function leaveSocket(path: string): Promise<void> {
  const code = `Deno.listen({ transport: "unix", path: ${
    JSON.stringify(path)
  } }); Deno.kill(Deno.pid, "SIGKILL");`;
  await new Deno.Command(Deno.execPath(), { args: ["eval", code] }).output();
  assert.ok(Deno.lstatSync(path).isSocket);
}
