import assert from "node:assert/strict";
import fc from "fast-check";
import {
  errorLine,
  INVALID_PARAMS,
  INVALID_REQUEST,
  METHOD_NOT_FOUND,
  notificationLine,
  PARSE_ERROR,
  parseReply,
  parseRequest,
  requestLine,
  resultLine,
  RpcError,
} from "../../../src/control/jsonrpc.ts";

Deno.test("parseRequest() reads what requestLine() writes", () => {
  const line = requestLine({
    id: 7,
    method: "where",
    params: { name: "a\nb" },
  });
  assert.equal(line.indexOf("\n"), line.length - 1);
  assert.deepEqual(parseRequest(line), {
    kind: "request",
    id: 7,
    method: "where",
    params: { name: "a\nb" },
  });
});

Deno.test("parseRequest() takes a request without parameters", () => {
  assert.deepEqual(
    parseRequest('{"jsonrpc":"2.0","id":"a","method":"list"}'),
    { kind: "request", id: "a", method: "list", params: {} },
  );
});

Deno.test("parseRequest() takes a request without id for a notification", () => {
  const request = parseRequest('{"jsonrpc":"2.0","method":"refresh"}');
  assert.equal(request.kind, "request");
  assert.equal(request.id, undefined);
});

const REFUSED = [
  ["half a request", '{"jsonrpc":"2.0","id":1', null, PARSE_ERROR],
  [
    "a batch",
    '[{"jsonrpc":"2.0","id":1,"method":"list"}]',
    null,
    INVALID_REQUEST,
  ],
  ["a bare number", "1", null, INVALID_REQUEST],
  [
    "another version",
    '{"jsonrpc":"1.0","id":1,"method":"list"}',
    1,
    INVALID_REQUEST,
  ],
  ["no version", '{"id":1,"method":"list"}', 1, INVALID_REQUEST],
  ["no method", '{"jsonrpc":"2.0","id":1}', 1, INVALID_REQUEST],
  [
    "a method that is no string",
    '{"jsonrpc":"2.0","id":"x","method":1}',
    "x",
    INVALID_REQUEST,
  ],
  [
    "an id that is an object",
    '{"jsonrpc":"2.0","id":{},"method":"list"}',
    null,
    INVALID_REQUEST,
  ],
  [
    "parameters by position",
    '{"jsonrpc":"2.0","id":1,"method":"where","params":["a"]}',
    1,
    INVALID_PARAMS,
  ],
] as const;

for (const [what, line, id, code] of REFUSED) {
  Deno.test(`parseRequest() refuses ${what} with ${code}`, () => {
    const request = parseRequest(line);
    assert.equal(request.kind, "invalid");
    assert.equal(request.id, id);
    assert.equal(request.error.code, code);
  });
}

Deno.test("parseRequest() says that a batch goes one request a line", () => {
  const request = parseRequest("[]");
  assert.equal(request.kind, "invalid");
  assert.match(request.error.message, /one request a line/);
});

Deno.test("parseRequest() and parseReply() never throw", () => {
  fc.assert(fc.property(
    fc.oneof(fc.string(), fc.json(), fc.json().map((text) => `{"id":${text}}`)),
    (line) => {
      parseRequest(line);
      parseReply(line);
    },
  ));
});

Deno.test("parseReply() reads a result, an error and a notification", () => {
  assert.deepEqual(parseReply(resultLine(1, "[null]")), {
    kind: "result",
    id: 1,
    result: [null],
  });
  const error = parseReply(
    errorLine("a", new RpcError(METHOD_NOT_FOUND, "no")),
  );
  assert.equal(error.kind, "error");
  assert.equal(error.id, "a");
  assert.equal(error.error.code, METHOD_NOT_FOUND);
  assert.equal(error.error.message, "no");
  assert.deepEqual(parseReply(notificationLine("event", { a: 1 })), {
    kind: "notification",
    method: "event",
    params: { a: 1 },
  });
});

Deno.test("parseReply() takes null for a result", () => {
  assert.deepEqual(parseReply(resultLine(1, "null")), {
    kind: "result",
    id: 1,
    result: null,
  });
});

Deno.test("parseReply() takes a greeting, half a line and an answer without result for something else", () => {
  for (
    const line of ["diskd 0.1.0", "", '{"id":', '{"jsonrpc":"2.0","id":1}']
  ) {
    assert.deepEqual(parseReply(line), { kind: "other" });
  }
});
