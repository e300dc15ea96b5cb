import assert from "node:assert/strict";
import { Daemon } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { asRoot, type Host } from "../support/host.ts";
import { lanTest } from "../support/lan.ts";
import { attachNew } from "../support/plug.ts";
import { User } from "../support/user.ts";
import { document } from "../unit/docs/documents.ts";
import { codeBlocks, codeSpans, section } from "../unit/docs/markdown.ts";

const WEB = document("docs/web.md");
const NAME = "disks.lan.example";
const SOCKET = "/run/diskd-web/page.sock";
const TOKEN = "a-token-of-some-length";
const WEB_UID = 1500;
/** Of `secret`, as `caddy hash-password` makes it, but in no time. */
const HASH = "$2b$04$.EepwClkzT9Kfd1gcp/XnOuw/MvlWDoVgTzf2dOK3SNQ/bNHHcYN.";
/** The machine may be busy. */
const START_MS = 30_000;

interface Proxied {
  /** Where the proxy and the page are. */
  readonly alpha: Host;
  /** Where the browser is. */
  readonly beta: Host;
}

/** As `docs/web.md` sets up a proxy, with the page on a port or on a socket. */
interface Proxy {
  /** Whose user is in the group of the page. */
  readonly user: string;
  /** Prepares it, and gives its command. */
  readonly prepare: (host: Host, block: string) => Promise<string[]>;
  readonly language: string;
  /** In the block: the page on a port. */
  readonly backend: RegExp;
}

const NGINX: Proxy = {
  user: "www-data",
  language: "nginx",
  backend: /proxy_pass http:\S+;/,
  async prepare(host, block) {
    const config = `user www-data; pid /run/nginx.pid; error_log stderr;
      events {} http { access_log off; ${block} }`;
    await Deno.writeTextFile(host.path("/etc/nginx/page.conf"), config);
    await asRoot(
      host,
      `mkdir -p /var/lib/nginx; cd /etc/nginx && echo "admin:$(openssl passwd -apr1 secret)" >disks.htpasswd &&
       openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
         -subj /CN=${NAME} -keyout disks.key -out disks.crt 2>&1`,
    );
    const words = ["-e", "stderr", "-c", "/etc/nginx/page.conf"];
    return ["nginx", ...words, "-g", "daemon off;"];
  },
};

const CADDY: Proxy = {
  user: "caddy",
  language: "caddy",
  backend: /reverse_proxy \S+/,
  async prepare(host, block) {
    const version = await asRoot(host, "caddy version");
    const [, minor = ""] = /^v?2\.(\d+)/.exec(version)!;
    // So docs/web.md says.
    const word = Number(minor) < 8 ? "basicauth" : "basic_auth";
    const site = block.replace("basic_auth", word).replace("HASH", () => HASH);
    const config = `{\nadmin off\nskip_install_trust\n}\n${site}`;
    await Deno.writeTextFile(host.path("/run/Caddyfile"), config);
    await asRoot(host, "install -d -o caddy /run/caddy");
    const ids = ["--reuid=caddy", "--regid=caddy", "--init-groups"];
    const low = ["--inh-caps=+net_bind_service", "--ambient-caps"];
    const run = ["run", "--adapter=caddyfile", "--config=/run/Caddyfile"];
    return [
      ...["env", "HOME=/run/caddy", "XDG_DATA_HOME=/run/caddy"],
      ...["setpriv", ...ids, ...low, "+net_bind_service", "--"],
      ...["caddy", ...run],
    ];
  },
};

lanTest({
  name: "the page works behind the proxies of docs/web.md",
  programs: ["nginx", "caddy", "openssl", "curl"],
  hosts: ["alpha", "beta"],
}, async ({ alpha, beta }, t) => {
  const users = `${NGINX.user},${CADDY.user}`;
  await asRoot(alpha, `echo page:x:${WEB_UID}:${users} >>/etc/group`);
  await using daemon = await Daemon.start(alpha);
  const command = ["diskd", "web", "--behind-proxy", "--name", NAME];
  await using onPort = alpha.spawn(command);
  const user = await User.create(alpha, { uid: WEB_UID });
  await asRoot(
    alpha,
    `install -d -m 750 -o ${WEB_UID} -g ${WEB_UID} /run/diskd-web
     (umask 077; echo ${TOKEN} >/run/token; chown ${WEB_UID} /run/token)`,
  );
  const guarded = ["--listen", `unix:${SOCKET}`, "--token-file", "/run/token"];
  await using onSocket = user.spawn([...command, ...guarded]);
  for (const web of [onPort, onSocket]) {
    await web.waitForLog(/The page is at/, START_MS);
  }
  for (const proxy of [NGINX, CADDY]) {
    const [block = ""] = codeBlocks(WEB, proxy.language);
    const overSocket = block.replace(proxy.backend, socketLine(proxy));
    await t.step(`${proxy.language}, to a port`, async () => {
      await behind(alpha, { proxy, block }, async () => {
        await guards({ alpha, beta });
        await streams({ alpha, beta }, daemon);
      });
    });
    await t.step(`${proxy.language}, to a socket`, async () => {
      const block = overSocket;
      await behind(alpha, { proxy, block }, () => keepsToken({ alpha, beta }));
    });
  }
});

/** What docs/web.md has in place of the line with the port. */
function socketLine({ backend }: Proxy): string {
  const spans = codeSpans(section(WEB, "Behind a reverse proxy"));
  const line = spans.find((span) =>
    backend.test(span) && span.includes("unix")
  );
  assert.ok(line !== undefined && line.includes(SOCKET));
  return line;
}

/** Runs the proxy for so long; workers end with it only if it can tell them. */
async function behind(
  host: Host,
  { proxy, block }: { readonly proxy: Proxy; readonly block: string },
  check: () => Promise<void>,
): Promise<void> {
  const process = host.spawn(await proxy.prepare(host, block));
  try {
    await eventually(async () => {
      const { code } = await host.run(curl(host, "/"));
      assert.equal(code, 0, process.log);
    }, { timeoutMs: START_MS });
    await check();
  } finally {
    await process.stop();
  }
}

function curl(
  { address }: Host,
  target: string,
  { name = NAME, words = [] as readonly string[] } = {},
): string[] {
  const fixed = ["curl", "-ksSN", "--resolve", `${name}:443:${address}`];
  return [...fixed, ...words, `https://${name}${target}`];
}

const PASSWORD = ["--user", "admin:secret"];

async function guards({ alpha, beta }: Proxied): Promise<void> {
  const ask = async (target: string, ...words: readonly string[]) => {
    const { stdout } = await beta.run(curl(alpha, target, { words }));
    return stdout;
  };
  assert.match(await ask("/", "-i"), /^HTTP\/\S+ 401 [^]*Basic realm/i);
  assert.match(
    await ask("/", "-i", "--user", "admin:guess"),
    /^HTTP\/\S+ 401 /,
  );
  assert.match(await ask("/", ...PASSWORD), /<title>diskd/);
  const hosts = JSON.parse(await ask("/api/hosts.json", ...PASSWORD));
  assert.equal(hosts[0].host, "alpha");
  const elsewhere = ["-H", "sec-fetch-site: cross-site", ...PASSWORD];
  assert.match(await ask("/api/list.json", ...elsewhere), /another server/);
}

/** Events come one by one, while the answer goes on. */
async function streams(
  { alpha, beta }: Proxied,
  daemon: Daemon,
): Promise<void> {
  const words = PASSWORD;
  await using following = beta.spawn(curl(alpha, "/api/events", { words }));
  await following.waitForLog(/^event: daemon\n/m, START_MS);
  const label = `disk-${crypto.randomUUID().slice(0, 6)}`;
  await attachNew(alpha, { type: "ext4", label });
  await daemon.call("refresh", {});
  await following.waitForLog(new RegExp(label), START_MS);
  assert.ok(following.running);
}

/** The page knows that browsers use TLS, and that the proxy's password is not its token. */
async function keepsToken({ alpha, beta }: Proxied): Promise<void> {
  const ask = async (target: string, ...more: readonly string[]) => {
    const words = ["-i", ...PASSWORD, ...more];
    return (await beta.run(curl(alpha, target, { words }))).stdout;
  };
  assert.match(await ask("/api/hosts.json"), /a token is missing or wrong/);
  const given = await ask(`/?token=${TOKEN}`);
  assert.match(given, /^set-cookie: diskd=\S+;.*; Secure\r$/mi);
  const shown = await ask("/", "--cookie", `diskd=${TOKEN}`);
  assert.match(shown, /^HTTP\/\S+ 200 /);
}
