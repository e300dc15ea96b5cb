import { DaemonOnLan } from "./daemon_on_lan.ts";

const HOSTS = 1_000;
const DISKS = 10;
const RATE = 4_000;
const ROUNDS = 3;

/** A daemon that knows 1,000 hosts with 10 disks each, and has heard them several times. */
export async function startFullDaemon(): Promise<DaemonOnLan> {
  const bench = await DaemonOnLan.start();
  try {
    for (let i = 0; i < ROUNDS; i++) await hearAllAgain(bench);
    await using client = await bench.connect();
    const { disks } = await client.call("status", {});
    if (disks === HOSTS * DISKS) return bench;
    throw new Error(`It knows ${disks} disks, expected ${HOSTS * DISKS}.`);
  } catch (error) {
    await bench[Symbol.asyncDispose]();
    throw error;
  }
}

/** Every host announces once more what it announced before. */
export async function hearAllAgain(bench: DaemonOnLan): Promise<void> {
  await bench.send({
    hosts: HOSTS,
    disks: DISKS,
    rate: RATE,
    announcements: HOSTS,
  });
}
