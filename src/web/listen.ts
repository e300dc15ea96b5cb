import { isIP } from "node:net";

/** Where the page is served. */
export type Listen =
  | { readonly kind: "tcp"; readonly address: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

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
