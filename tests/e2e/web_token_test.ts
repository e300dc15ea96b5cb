import assert from "node:assert/strict";
import { asRoot, type Host } from "../support/host.ts";
import { lanTest } from "../support/lan.ts";
import { User } from "../support/user.ts";

const UID = 1500;
const FOLDER = "/run/credentials/diskd-web.service";
const FILE = `${FOLDER}/token`;
const TOKEN = "a-token-of-some-length";
const START_MS = 30_000;

/** How systemd lets the user of a service read a credential: it depends on the file system. */
const GRANTS = {
  "an ACL": `setfacl -m u:${UID}:rx ${FOLDER} && setfacl -m u:${UID}:r ${FILE}`,
  "the owner": `chown ${UID} ${FOLDER} ${FILE}`,
} as const;

lanTest({
  name: "diskd web reads a token that is a credential of its service",
  programs: ["setfacl"],
  hosts: ["alpha"],
}, async ({ alpha }, t) => {
  const user = await User.create(alpha, { uid: UID });
  for (const [name, grant] of Object.entries(GRANTS)) {
    await t.step(`by ${name}`, async () => {
      await makeCredential(alpha, grant);
      const words = ["--listen", "0.0.0.0:8082", "--token-file", FILE];
      await using web = user.spawn(["diskd", "web", ...words]);
      await web.waitForLog(/The page is at/, START_MS);
    });
  }
  await t.step("not one that others can read", async () => {
    await makeCredential(alpha, `chmod 444 ${FILE}; chmod 555 ${FOLDER}`);
    await refuses(user, FILE);
  });
  await t.step("not one that others can read, elsewhere", async () => {
    await makeCredential(alpha, GRANTS["an ACL"]);
    await asRoot(alpha, `cp -p ${FILE} /run/token`);
    await refuses(user, "/run/token");
  });
});

async function makeCredential(host: Host, grant: string): Promise<void> {
  await asRoot(
    host,
    `rm -rf ${FOLDER} && mkdir -p ${FOLDER} && echo ${TOKEN} >${FILE} &&
     chmod 400 ${FILE} && chmod 500 ${FOLDER} && ${grant}`,
  );
}

async function refuses(user: User, file: string): Promise<void> {
  const argv = ["diskd", "web", "--token-file", file];
  const { code, stderr } = await user.run(argv);
  assert.equal(code, 2);
  assert.match(stderr, /has mode 044\d, so other users can access it/);
}
