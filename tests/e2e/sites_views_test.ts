import assert from "node:assert/strict";
import { EXIT } from "../../src/system/exit_code.ts";
import { eventually } from "../support/eventually.ts";
import { JoinedSites } from "../support/joined_sites.ts";
import { inSteps } from "../support/lan.ts";
import { needs } from "../support/needs.ts";

Deno.test({
  ...needs("the commands say the sites", { lan: true, programs: ["nft"] }),
  async fn(t) {
    await using sites = await JoinedSites.start({
      hosts: [
        { name: "a1", networks: ["home"] },
        { name: "ar", networks: ["home"] },
        { name: "b1", networks: ["cabin"] },
        { name: "br", networks: ["cabin"] },
      ],
      relays: {
        ar: { site: "home", peers: ["br"] },
        br: { site: "cabin", peers: ["ar"] },
      },
    });
    await sites.allKnow(["a1@home", "ar@home", "b1@cabin", "br@cabin"]);
    await inSteps(t, sites, {
      "list, hosts and where": lists,
      "status and doctor of a relay": checks,
      "after a restart, while the relay is silent": restarts,
    });
  },
});

async function printed(
  { site }: JoinedSites,
  name: string,
  command: string,
): Promise<string> {
  const { code, stdout, stderr } = await site.daemon(name)
    .run(command.split(" "));
  assert.equal(code, EXIT.ok, `${command}: ${stderr}${stdout}`);
  return stdout;
}

async function lists(sites: JoinedSites): Promise<void> {
  const list = await printed(sites, "a1", "list");
  assert.match(list, /^HOST +SITE +DEVICE .*\na1 +home [^]*\nb1 +cabin /);
  const cabin = await printed(sites, "a1", "list -n -o HOST --site cab*");
  assert.equal(cabin, "b1\nbr\n");
  const hosts = await printed(sites, "a1", "hosts --site cabin");
  assert.match(hosts, /\nb1 +up .*\nbr +up, relay /);
  const { address } = sites.site.host("b1");
  const where = await printed(sites, "a1", "where b1");
  assert.match(where, /^b1 is on b1 at cabin, /);
  assert.ok(where.includes(`${address} at cabin, through relay br, `), where);
  assert.match(await printed(sites, "b1", "where b1"), /^b1 is on b1, /);
}

async function checks(sites: JoinedSites): Promise<void> {
  const peer = sites.site.host("br").address;
  const status = await printed(sites, "ar", "status");
  assert.match(status, /\nsite +home\n/);
  assert.ok(status.includes(`cabin (${peer}) reached since today`), status);
  const doctor = await printed(sites, "ar", "doctor");
  assert.ok(
    doctor.includes(`the peer ${peer} of site cabin has been reached for`),
    doctor,
  );
  assert.match(doctor, /warning +peers +no shared key is required/);
  assert.match(doctor, /1 other host answered: a1 /);
}

async function restarts(sites: JoinedSites): Promise<void> {
  const { site } = sites;
  await site.daemon("a1").stop();
  await site.daemon("ar").stop();
  await site.startDaemon("a1");
  const { address } = site.host("b1");
  await eventually(async () => {
    const hosts = await site.daemon("a1").json("hosts");
    const b1 = hosts.find(({ host }) => host === "b1");
    assert.deepEqual(
      [b1?.state, b1?.site, b1?.addresses],
      ["stale", "cabin", [address]],
    );
  });
  const where = await printed(sites, "a1", "where b1");
  assert.match(where, /^b1 was in b1 at cabin, silent for /);
  assert.doesNotMatch(where, /@/);
}
