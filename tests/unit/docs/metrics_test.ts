import assert from "node:assert/strict";
import { METRICS } from "../../../src/render/metrics.ts";
import { needs } from "../../support/needs.ts";
import { run } from "../../support/process.ts";
import { PROJECT } from "../../support/program.ts";
import { promtool } from "../../support/promtool.ts";
import { document } from "./documents.ts";
import { codeBlocks, codeSpans, rowsOf } from "./markdown.ts";

const DOCUMENT = document("docs/metrics.md");
const RULES = `${PROJECT}/packaging/prometheus-rules.yaml`;
const RULES_TEXT = Deno.readTextFileSync(RULES);

interface Panel {
  readonly title: string;
  readonly targets: readonly { readonly expr: string }[];
}

const DASHBOARD: { readonly title: string; readonly panels: readonly Panel[] } =
  JSON.parse(
    Deno.readTextFileSync(`${PROJECT}/packaging/grafana-dashboard.json`),
  );

const QUERIES = DASHBOARD.panels.flatMap(({ targets }) =>
  targets.map(({ expr }) => expr)
);

Deno.test("metrics.md has each metric, its type, labels and meaning, and none besides", () => {
  const documented = rowsOf(DOCUMENT, "Metric").map((
    [name = "", type, labels = "", help],
  ) => [codeSpans(name)[0], type, codeSpans(labels), help]);
  const there = Object.entries(METRICS).map(([name, metric]) => [
    name,
    metric.type,
    "labels" in metric ? [...metric.labels] : [],
    metric.help,
  ]);
  assert.deepEqual(documented, there);
});

for (
  const [where, text] of [
    ["metrics.md", DOCUMENT],
    ["prometheus-rules.yaml", RULES_TEXT],
    ["grafana-dashboard.json", QUERIES.join("\n")],
  ] as const
) {
  Deno.test(`${where} names only metrics that there are`, () => {
    const named = text.match(/\bdiskd_\w+(?!\w*\.\.\.)/g) ?? [];
    assert.ok(named.length > 3);
    const unknown = named.filter((name) => !Object.hasOwn(METRICS, name));
    assert.deepEqual(unknown, []);
  });
}

Deno.test("metrics.md has each alert, and none besides", () => {
  const documented = rowsOf(DOCUMENT, "Alert")
    .map(([name = ""]) => codeSpans(name)[0]);
  const there = [...RULES_TEXT.matchAll(/- alert: (\w+)/g)]
    .map(([, name]) => name);
  assert.equal(there.length, 4);
  assert.deepEqual(documented, there);
});

Deno.test("each panel of the dashboard has a title and asks for something", () => {
  assert.equal(DASHBOARD.title, "diskd");
  for (const { title, targets } of DASHBOARD.panels) {
    assert.ok(title !== "" && targets.length > 0, title);
  }
});

const PROMTOOL = { programs: ["promtool"] };

Deno.test({
  ...needs("the alerts come when they should, and not otherwise", PROMTOOL),
  async fn() {
    const tests = `${PROJECT}/tests/fixtures/metrics/rules_test.yaml`;
    const { code, stdout, stderr } = await promtool(["test", "rules", tests]);
    assert.equal(code, 0, stdout + stderr);
  },
});

Deno.test({
  ...needs("Prometheus takes the queries of metrics.md and of the dashboard", {
    ...PROMTOOL,
  }),
  async fn() {
    const queries = [...codeBlocks(DOCUMENT, "promql"), ...QUERIES];
    assert.ok(queries.length > 10);
    const rules = queries.map((expr, index) => ({
      record: `q:${index}`,
      expr,
    }));
    const groups = [{ name: "queries", rules }];
    await checked(["check", "rules"], JSON.stringify({ groups }));
  },
});

Deno.test({
  ...needs("Prometheus takes the configuration of metrics.md", PROMTOOL),
  async fn() {
    const [config, ...others] = codeBlocks(DOCUMENT, "yaml");
    assert.deepEqual(others, []);
    await checked(["check", "config", "--syntax-only"], config!);
  },
});

Deno.test({
  ...needs("systemd takes diskd-metrics.service and diskd-metrics.timer", {
    programs: ["systemd-analyze"],
  }),
  async fn() {
    const folder = Deno.makeTempDirSync({ prefix: "diskd-unit-" });
    try {
      const units = ["diskd-metrics.service", "diskd-metrics.timer"];
      for (const unit of units) {
        Deno.copyFileSync(`${PROJECT}/packaging/${unit}`, `${folder}/${unit}`);
      }
      const { code, stderr } = await run(
        [
          "systemd-analyze",
          "verify",
          "--man=no",
          ...units.map((unit) => `${folder}/${unit}`),
        ],
        { env: { PATH: "/usr/bin:/bin", SYSTEMD_PAGER: "cat" } },
      );
      assert.equal(code, 0, stderr);
      assert.doesNotMatch(stderr, /diskd/);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});

async function checked(args: readonly string[], text: string): Promise<void> {
  const file = Deno.makeTempFileSync({ prefix: "diskd-metrics-" });
  try {
    Deno.writeTextFileSync(file, text);
    const { code, stdout, stderr } = await promtool([...args, file]);
    assert.equal(code, 0, stdout + stderr);
  } finally {
    Deno.removeSync(file);
  }
}
