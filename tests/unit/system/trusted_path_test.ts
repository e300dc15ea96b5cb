import assert from "node:assert/strict";
import { findMeddler, sayMeddler } from "../../../src/system/trusted_path.ts";
import { needs } from "../../support/needs.ts";

const ANNA = 30_101;
const MALLORY = 30_102;

/** What is made in a directory of root, and who can meddle with `at`. */
interface Case {
  readonly make: (path: string) => void;
  /** Default `at`. */
  readonly at?: string;
  readonly upTo?: "place" | "owner" | "contents";
  /** The path that the meddler has, below the directory; none if nobody can meddle. */
  readonly by?: string;
}

function directory(path: string, uid = 0, mode = 0o755): void {
  Deno.mkdirSync(path);
  Deno.chownSync(path, uid, uid);
  Deno.chmodSync(path, mode);
}

function file(path: string, uid = 0, mode = 0o600): void {
  Deno.writeTextFileSync(path, "");
  Deno.chownSync(path, uid, uid);
  Deno.chmodSync(path, mode);
}

const CASES: Record<string, Case> = {
  "nobody, where nothing is": { make: () => {} },
  "nobody, in directories of root and of those trusted": {
    make(path) {
      directory(`${path}/a`);
      directory(`${path}/a/b`, ANNA, 0o700);
      file(`${path}/a/b/c`, ANNA);
    },
    at: "a/b/c",
    upTo: "contents",
  },
  "the owner of a directory above": {
    make(path) {
      directory(`${path}/a`, MALLORY);
      directory(`${path}/a/b`);
    },
    at: "a/b/c",
    by: "a",
  },
  "anyone, in a directory above that all may write": {
    make(path) {
      directory(`${path}/a`, 0, 0o777);
      directory(`${path}/a/b`);
    },
    at: "a/b/c",
    by: "a",
  },
  "a group that may write to a directory above": {
    make: (path) => directory(`${path}/a`, 0, 0o775),
    at: "a/b",
    by: "a",
  },
  "nobody, by a user's own group": {
    make: (path) => directory(`${path}/a`, ANNA, 0o775),
    at: "a/b",
  },
  "a user's own group, in the directory itself": {
    make: (path) => directory(`${path}/a`, ANNA, 0o775),
    at: "a",
    upTo: "contents",
    by: "a",
  },
  "nobody, by a shared directory with the sticky bit above": {
    make(path) {
      directory(`${path}/tmp`, 0, 0o1777);
      directory(`${path}/tmp/b`);
    },
    at: "tmp/b/c",
  },
  "the owner of an entry of a shared directory": {
    make(path) {
      directory(`${path}/tmp`, 0, 0o1777);
      directory(`${path}/tmp/b`, MALLORY);
    },
    at: "tmp/b",
    by: "tmp/b",
  },
  "the owner of a link in a shared directory": {
    make(path) {
      directory(`${path}/tmp`, 0, 0o1777);
      directory(`${path}/safe`);
      Deno.symlinkSync(`${path}/safe`, `${path}/tmp/link`);
      // lchown(2) is not in Deno.
      new Deno.Command("chown", {
        args: ["-h", `${MALLORY}`, `${path}/tmp/link`],
      }).outputSync();
    },
    at: "tmp/link/c",
    by: "tmp/link",
  },
  "anyone, in a shared directory itself": {
    make: (path) => directory(`${path}/tmp`, 0, 0o1777),
    at: "tmp",
    upTo: "contents",
    by: "tmp",
  },
  "the owner of where an absolute link leads": {
    make(path) {
      directory(`${path}/his`, MALLORY);
      Deno.symlinkSync(`${path}/his`, `${path}/link`);
    },
    at: "link/c",
    by: "his",
  },
  "the owner of where a relative link leads, over ..": {
    make(path) {
      directory(`${path}/a`);
      directory(`${path}/his`, MALLORY);
      directory(`${path}/his/mine`);
      Deno.symlinkSync("../his/mine", `${path}/a/link`);
    },
    at: "a/./link/c",
    by: "his",
  },
  "the owner of a directory that .. leaves": {
    make(path) {
      directory(`${path}/his`, MALLORY);
      Deno.symlinkSync("his/../mine", `${path}/link`);
      directory(`${path}/mine`);
    },
    at: "link",
    by: "his",
  },
  "nobody, in the place of a file of another": {
    make: (path) => file(`${path}/at`, MALLORY),
  },
  "the owner of a file": {
    make: (path) => file(`${path}/at`, MALLORY),
    upTo: "owner",
    by: "at",
  },
  "anyone who may write to a file": {
    make: (path) => file(`${path}/at`, 0, 0o666),
    upTo: "contents",
    by: "at",
  },
};

for (
  const [who, { make, at = "at", upTo = "place", by }] of Object.entries(CASES)
) {
  Deno.test({
    ...needs(`findMeddler() finds ${who}`, { root: true }),
    fn() {
      const path = Deno.makeTempDirSync();
      try {
        make(path);
        const owners = new Set([ANNA]);
        const meddler = findMeddler(`${path}/${at}`, { owners, upTo });
        assert.equal(meddler?.path, by && `${path}/${by}`);
      } finally {
        Deno.removeSync(path, { recursive: true });
      }
    },
  });
}

Deno.test("findMeddler() gives up on links in a circle", () => {
  const path = Deno.makeTempDirSync();
  Deno.symlinkSync("link", `${path}/link`);
  const owners = new Set([Deno.uid()!]);
  assert.throws(
    () => findMeddler(`${path}/link/x`, { owners, upTo: "place" }),
    /too many links/,
  );
  Deno.removeSync(path, { recursive: true });
});

Deno.test("sayMeddler() says who could do it, and why", () => {
  const meddler = { path: "/a", uid: 7, mode: 0o41777 };
  assert.equal(
    sayMeddler({ ...meddler, how: "owner" }, "do it"),
    "/a belongs to user 7, who could do it",
  );
  assert.equal(
    sayMeddler({ ...meddler, how: "mode" }, "do it"),
    "/a has mode 1777, so other users could do it",
  );
});
