import assert from "node:assert/strict";
import { SETTINGS } from "../../../src/config/settings.ts";
import { PROJECT } from "../../support/program.ts";

const PORT = SETTINGS.port.default;

for (
  const [name, opens] of [
    ["diskd.ufw", `ports=${PORT}/udp\n`],
    ["diskd.xml", `<port protocol="udp" port="${PORT}" />\n`],
  ] as const
) {
  Deno.test(`packaging/firewall/${name} opens the port of diskd, and no other`, () => {
    const path = `${PROJECT}/packaging/firewall/${name}`;
    const text = Deno.readTextFileSync(path);
    assert.ok(text.includes(opens));
    assert.equal(text.match(/\d{4,}/g)!.length, 1);
  });
}
