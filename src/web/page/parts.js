import { useState } from "preact/hooks";
import { ageText, exactText, visible } from "./format.js";
import { html } from "./html.js";
import { useNow } from "./live.js";
import { hostAddress } from "./router.js";

/** Small parts of all views. */

/** @typedef {import("./words.js").Condition} Condition */

/**
 * Signs are told apart by their shape, too.
 * @type {Readonly<Record<Condition, string>>}
 */
const SIGNS = {
  mounted: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Z",
  used: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Zm0 1.6v8.8a4.4 4.4 0 0 1 0-8.8Z",
  free:
    "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Zm0 1.6a4.4 4.4 0 1 1 0 8.8 4.4 4.4 0 0 1 0-8.8Z",
  failing: "M8 1 15.5 14.5H.5ZM7.2 6v4h1.6V6Zm0 5.2v1.6h1.6v-1.6Z",
  silent: "M2 7h3v2H2Zm4.5 0h3v2h-3ZM11 7h3v2h-3Z",
  gone:
    "M3.4 2 8 6.6 12.6 2 14 3.4 9.4 8 14 12.6 12.6 14 8 9.4 3.4 14 2 12.6 6.6 8 2 3.4Z",
};

/** @param {{ of: Condition }} props */
export function Sign({ of }) {
  return html`
    <svg class="sign ${of}" viewBox="0 0 16 16" aria-hidden="true">
      <path fill-rule="evenodd" d=${SIGNS[of]} />
    </svg>
  `;
}

/** Text from a disk or the network, which may be of any direction. @param {{ children: any }} props */
export function Name({ children }) {
  return html`<bdi>${visible(`${children ?? ""}`)}</bdi>`;
}

/** @param {{ name: string }} props */
export function HostLink({ name }) {
  return html`<a href=${hostAddress(name)}><${Name}>${name}<//></a>`;
}

/** Behind a host. @param {{ site: string }} props */
export function AtSite({ site }) {
  return html`<span class="site">at <${Name}>${site}<//></span>`;
}

/** How long ago; it ticks. @param {{ time: string }} props */
export function Ago({ time }) {
  const now = useNow();
  return html`<time datetime=${time} title=${exactText(time)}>${
    ageText(time, now)
  }</time>`;
}

/** @param {{ text: string, label?: string }} props */
export function Copy({ text, label = "Copy" }) {
  const [isDone, setDone] = useState(false);
  const copy = async () => {
    if (!await copied(text)) return;
    setDone(true);
    setTimeout(() => setDone(false), 2_000);
  };
  return html`
    <span
      class="copy"><code>${text}</code><button type="button" class="button" onClick=${copy} aria-label=${`${label}: ${text}`}>${isDone
        ? "Copied"
        : label}</button></span>
  `;
}

/** Over http on a LAN, browsers have no clipboard: then what is copied is selected. @param {string} text */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    const isCopied = document.execCommand("copy");
    field.remove();
    return isCopied;
  }
}

/**
 * While a document is not there: why.
 * @param {{ doc: import("./live.js").Doc }} props
 */
export function Waiting({ doc }) {
  return doc.problem === null
    ? html`<p class="waiting" aria-busy="true">Asking...</p>`
    : html`<p class="problem">${visible(doc.problem)}</p>`;
}
