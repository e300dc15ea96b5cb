import { defaultSocket, type User } from "../config/paths.ts";
import type { Config } from "../config/settings.ts";
import { hostKeyPath, readHostKeyFile } from "../store/host_key_file.ts";
import type { IdentityFile } from "../store/identity.ts";
import { daemonUser } from "./keys.ts";

/** The key of this user's daemon, which need not run; `null` if there is none, or it may not be read. */
export function ownHostKey(
  { stateDir, socket }: Pick<Config, "stateDir" | "socket">,
  user: User,
): IdentityFile["key"] | null {
  const path = hostKeyPath(stateDir, {
    socket,
    defaultSocket: defaultSocket(user),
  });
  const uid = daemonUser({ stateDir }, user.uid);
  const found = readHostKeyFile(path, { uid });
  return found.kind === "key" ? found.key : null;
}
