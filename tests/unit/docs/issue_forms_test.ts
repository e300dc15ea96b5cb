import assert from "node:assert/strict";
import { join } from "node:path";
import { load } from "js-yaml";
import { commandsCalled } from "../../../src/control/commands.ts";
import { PROJECT } from "../../support/program.ts";
import { codeSpans } from "./markdown.ts";

/** What GitHub calls an element of an issue form. */
interface Element {
  readonly type: string;
  readonly id?: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly validations?: Readonly<Record<string, unknown>>;
}

interface Form {
  readonly name: string;
  readonly description: string;
  readonly body: readonly Element[];
}

const FOLDER = join(PROJECT, ".github/ISSUE_TEMPLATE");

const FORMS = new Map(
  [...Deno.readDirSync(FOLDER)].map(({ name }) => [
    name,
    load(Deno.readTextFileSync(join(FOLDER, name))) as Form,
  ]),
);

/** Keys that GitHub takes at the top of a form; it refuses others. */
const TOP_KEYS = [
  "name",
  "description",
  "title",
  "labels",
  "assignees",
  "projects",
  "type",
  "body",
];

/** Keys of the attributes that GitHub demands and takes, by the type of the element. */
const ATTRIBUTES: Readonly<
  Record<string, { readonly needs: string; readonly takes: string[] }>
> = {
  markdown: { needs: "value", takes: [] },
  input: { needs: "label", takes: ["description", "placeholder", "value"] },
  textarea: {
    needs: "label",
    takes: ["description", "placeholder", "value", "render"],
  },
};

Deno.test("there is an issue form for bugs and one for ideas", () => {
  assert.deepEqual([...FORMS.keys()].sort(), ["bug.yml", "feature.yml"]);
});

for (const [file, form] of FORMS) {
  Deno.test(`${file} has what GitHub requires of an issue form`, () => {
    const unknown = Object.keys(form).filter((key) => !TOP_KEYS.includes(key));
    assert.deepEqual(unknown, []);
    assert.ok(isText(form.name) && isText(form.description));
    assert.ok(form.body.some(({ type }) => type !== "markdown"));
    for (const { type, id, attributes, validations } of form.body) {
      const { needs, takes } = ATTRIBUTES[type]!;
      assert.ok(isText(attributes[needs]), `${id} has no ${needs}`);
      for (const key of Object.keys(attributes)) {
        assert.ok(key === needs || takes.includes(key), `${id}: ${key}`);
        assert.ok(isText(attributes[key]), `${id}: ${key}`);
      }
      if (type === "markdown") continue;
      assert.match(id!, /^[\w-]+$/);
      assert.equal(typeof validations!["required"], "boolean");
    }
    const fields = form.body.filter(({ type }) => type !== "markdown");
    for (
      const values of [
        fields.map(({ id }) => id),
        fields.map(({ attributes }) => attributes["label"]),
      ]
    ) assert.equal(new Set(values).size, fields.length, "one is there twice");
  });
}

Deno.test("the form for bugs demands what diskd says of itself", () => {
  const demanded = FORMS.get("bug.yml")!.body
    .filter(({ validations }) => validations?.["required"] === true)
    .flatMap(({ attributes }) => codeSpans(String(attributes["label"])));
  assert.deepEqual(demanded, ["diskd --version", "diskd doctor"]);
  assert.ok(commandsCalled("doctor").length > 0);
});

function isText(value: unknown): boolean {
  return typeof value === "string" && value.trim() !== "";
}
