import { isIP } from "node:net";
import { isFileAt, statOrNull } from "../system/file_at.ts";
import { reasonOf } from "../system/reason.ts";
import { UnixListener } from "../system/unix_listener.ts";

/** Where the page is served. */
export type Listen =
  | { readonly kind: "tcp"; readonly address: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

/** Its owner and group: a reverse proxy that is in the group. */
const SOCKET_MODE = 0o660;

/** Reads `127.0.0.1:8082`, `[::1]:8082`, `8082` or `unix:/run/x.sock`; `null` for other text. */
export function parseListen(text: string): Listen | null {
  if (text.startsWith("unix:/")) {
    return { kind: "unix", path: text.slice("unix:".length) };
  }
  const [, bracketed, plain, digits] =
    /^(?:\[([0-9a-fA-F:.]+)\]:|([0-9.]+):)?(\d{1,5})$/.exec(text) ?? [];
  const address = bracketed ?? plain ?? "127.0.0.1";
  const port = Number(digits);
  const isRight = bracketed === undefined
    ? isIP(address) === 4
    : isIP(address) === 6;
  if (digits === undefined || port > 65_535 || !isRight) return null;
  return { kind: "tcp", address, port };
}

/** Whether only programs of this host reach it. */
export function isLocal(listen: Listen): boolean {
  return listen.kind === "unix" || /^127\.|^::1$/.test(listen.address);
}

/** What connections come from. */
export interface Acceptor {
  accept(): Promise<Deno.Conn>;
  close(): void;
}

/** The message says where, why, and what to do. */
export class CannotListen extends Error {
  override readonly name = "CannotListen";
}

interface Listening {
  readonly listener: Acceptor;
  /** For people. */
  readonly address: string;
  /** When the listener is closed. */
  readonly cleanUp: () => void;
}

/** @throws {CannotListen} */
export async function listenOn(listen: Listen): Promise<Listening> {
  try {
    return listen.kind === "unix"
      ? await listenOnSocket(listen.path)
      : listenOnPort(listen);
  } catch (error) {
    if (error instanceof CannotListen) throw error;
    throw new CannotListen(explain(error, listen));
  }
}

function listenOnPort(
  { address, port }: Listen & { readonly kind: "tcp" },
): Listening {
  const listener = Deno.listen({ hostname: address, port });
  const shown = address.includes(":") ? `[${address}]` : address;
  return {
    listener,
    address: `http://${shown}:${listener.addr.port}/`,
    cleanUp() {},
  };
}

async function listenOnSocket(path: string): Promise<Listening> {
  await removeLeftover(path);
  const listener = new UnixListener(path, { mode: SOCKET_MODE, gid: null });
  return {
    listener,
    address: `unix:${path}`,
    cleanUp() {
      if (isFileAt(path, listener.file)) Deno.removeSync(path);
    },
  };
}

/** A socket that nobody answers on remains of a process that was killed. */
async function removeLeftover(path: string): Promise<void> {
  const found = statOrNull(path);
  if (found === null) return;
  if (!found.isSocket) {
    throw new CannotListen(
      `${path} exists and is not a socket; move it away, or give another path with --listen`,
    );
  }
  try {
    (await Deno.connect({ transport: "unix", path })).close();
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionRefused) {
      return Deno.removeSync(path);
    }
    throw error;
  }
  throw new CannotListen(
    `another program already serves on ${path}; stop it, or give another path with --listen`,
  );
}

function explain(error: unknown, listen: Listen): string {
  const where = listen.kind === "unix"
    ? listen.path
    : `${listen.address} port ${listen.port}`;
  if (error instanceof Deno.errors.AddrInUse) {
    return `another program already serves on ${where}; stop it, or give another place with --listen`;
  }
  const reason = reasonOf(error);
  const isElsewhere = error instanceof Deno.errors.AddrNotAvailable ||
    /EINVAL|Invalid argument/.test(reason);
  if (isElsewhere && listen.kind === "tcp") {
    return `${where}: this host has no such address; give one of its own with --listen (see: ip address)`;
  }
  return error instanceof Deno.errors.PermissionDenied
    ? `this user may not serve on ${where}; give a port from 1024 on, or a folder of its own, with --listen`
    : `cannot serve on ${where}: ${reason}; give another place with --listen`;
}
