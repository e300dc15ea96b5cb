import {
  chooseConfigFile,
  clientSockets,
  type ConfiguredSockets,
  namedSocket,
} from "../config/paths.ts";
import type { CommonOptions, Context, DaemonClient } from "./context.ts";

export interface Asking {
  readonly options: Pick<CommonOptions, "socket">;
  readonly context: Context;
}

/**
 * Connects to the daemon while `use` runs.
 * @throws {DaemonUnreachable}
 */
export async function withDaemon<Result>(
  asking: Asking,
  use: (client: DaemonClient) => Promise<Result>,
): Promise<Result> {
  const client = await asking.context.connect(await findSockets(asking));
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

async function findSockets({ options, context }: Asking): Promise<string[]> {
  const { env, uid } = context;
  const { socket } = options;
  const configured = namedSocket({ socket, env })
    ? null
    : await readConfigured(context);
  return clientSockets({ socket, env, uid, configured });
}

/** YAML is slow to load, so it is loaded only for an existing file. */
async function readConfigured(
  context: Context,
): Promise<ConfiguredSockets | null> {
  const text = context.readText(chooseConfigFile(context).path);
  if (text === null) return null;
  const { configuredSockets } = await import(
    "../config/client_settings.ts"
  );
  return configuredSockets(text);
}
