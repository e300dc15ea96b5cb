import { Peer, type PeerOptions } from "../../src/peer/peer.ts";
import { hostKey, TEST_SIGNATURES } from "./host_keys.ts";

/** A peer with a key made of its name, which never waits by chance. */
export function virtualPeer(
  name: string,
  options: Partial<PeerOptions> = {},
): Peer {
  return new Peer({
    identity: { key: hostKey(`id-${name}`), name, version: "0.1.0", boot: 1 },
    pastBoot: 0,
    announceIntervalMs: 30_000,
    random: () => 0.5,
    freshKey: () => hostKey(`fresh-${name}`),
    signatures: TEST_SIGNATURES,
    ...options,
  });
}
