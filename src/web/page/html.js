import { h } from "preact";
import htm from "htm";

/** Templates of elements: whatever stands in them is text, never markup. */
export const html =
  /** @type {(strings: TemplateStringsArray, ...values: any[]) => any} */ (
    /** @type {any} */ (htm).bind(h)
  );
