import assert from "node:assert/strict";
import { drawRecording } from "../../support/recording_svg.ts";

const RECORDING = {
  title: "a terminal",
  description: "what it shows",
  columns: 20,
  lengthMs: 2_000,
  still: 1,
};

Deno.test("drawRecording() draws each frame for its time, with its colours", () => {
  const svg = drawRecording({
    ...RECORDING,
    frames: [
      { atMs: 0, lines: ["\x1b[1mHOST\x1b[0m"], caption: "first" },
      { atMs: 500, lines: ["<&>", "\x1b[90mgone\x1b[0m"], caption: "then" },
    ],
  });
  assert.match(svg, /textLength="32"><tspan class="b">HOST<\/tspan><\/text>/);
  assert.match(svg, /textLength="24">&lt;&amp;&gt;<\/text>/);
  assert.match(svg, /<tspan class="g">gone<\/tspan>/);
  assert.match(svg, /k0\{0%\{visibility:visible\}25%\{visibility:hidden\}\}/);
  assert.match(svg, /k1\{0%\{visibility:hidden\}25%\{visibility:visible\}\}/);
  assert.match(svg, /<g class="f s" id="f1">/);
});

Deno.test("drawRecording() refuses a colour that it would leave out", () => {
  const frames = [{ atMs: 0, lines: ["\x1b[31mred"], caption: "" }];
  assert.throws(
    () => drawRecording({ ...RECORDING, frames }),
    /Draw colour 31, too/,
  );
});
