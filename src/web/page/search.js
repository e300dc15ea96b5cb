import { useEffect, useId, useRef, useState } from "preact/hooks";
import { WhereIsIt } from "./answer.js";
import { visible } from "./format.js";
import { html } from "./html.js";
import { useDocument } from "./live.js";
import { Name } from "./parts.js";
import { diskAddress, go, hostAddress, replace } from "./router.js";
import { reachedBy } from "./words.js";

/** The search field: finds while somebody types. */

const DEBOUNCE_MS = 100;
const MAX_SUGGESTIONS = 8;

/** @typedef {{ text: string, what: string, address: string }} Suggestion */

/** @param {{ query: string }} props */
export function Search({ query }) {
  const [typed, setTyped] = useState(query);
  const [chosen, setChosen] = useState(-1);
  const asked = useSettled(typed.trim());
  const field = useRef(/** @type {HTMLInputElement | null} */ (null));
  const id = useId();
  const written = useRef(query);
  useEffect(() => {
    // What was typed since the address was written is not lost.
    if (query !== written.current) setTyped(query);
  }, [query]);
  useEffect(() => field.current?.focus({ preventScroll: true }), []);
  useEffect(() => {
    const wanted = asked === "" ? "/" : `/?q=${encodeURIComponent(asked)}`;
    written.current = asked;
    if (location.pathname + location.search !== wanted) replace(wanted);
  }, [asked]);
  const { doc: found, name } = useFound(asked);
  const setEntered = useEntered(asked, found.value, name);
  const suggestions = useSuggestions(asked, found.value);
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && suggestions.length > 0) {
      event.preventDefault();
      const count = suggestions.length + 1;
      setChosen((at) => (at + 1 + step + count) % count - 1);
    } else if (event.key === "Escape") {
      setTyped("");
      setChosen(-1);
    }
  };
  const onSubmit = (/** @type {Event} */ event) => {
    event.preventDefault();
    const suggestion = suggestions[chosen];
    if (suggestion !== undefined) return go(suggestion.address);
    setEntered(field.current?.value.trim() || null);
  };
  return html`
    <form role="search" action="/" class="search" onSubmit=${onSubmit}>
      <label for=${id}>Where is</label>
      <input id=${id} ref=${field} name="q" type="search" value=${typed}
        placeholder="label, serial number, UUID, model, name, port, host"
        autocomplete="off" autocapitalize="none" spellcheck=${false}
        enterkeyhint="search"
        role="combobox" aria-autocomplete="list" aria-controls=${`${id}-list`}
        aria-expanded=${suggestions.length > 0}
        aria-activedescendant=${chosen < 0 ? undefined : `${id}-${chosen}`}
        onInput=${(/** @type {any} */ event) => {
          setTyped(event.target.value);
          setChosen(-1);
          setEntered(null);
        }} onKeyDown=${onKeyDown} />
    </form>
    <ul id=${`${id}-list`} role="listbox" aria-label="Suggestions" class="suggestions"
      hidden=${suggestions.length === 0}>${suggestions.map((one, index) =>
        html`
          <li key=${one.address} id=${`${id}-${index}`} role="option"
            aria-selected=${index === chosen}
            onClick=${() => go(one.address)}>
            <${Name}>${one.text}<//> <small>${one
              .what}</small></li>
        `
      )}</ul>
    ${asked !== "" && html`<${WhereIsIt} name=${asked} doc=${found} />`}
  `;
}

/**
 * What is called so, or else what has it as a part of a name; and the name
 * that finds it.
 * @param {string} asked
 */
function useFound(asked) {
  const found = useDocument(findAddress(asked));
  const isUnknown = !/[*?]/.test(asked) &&
    ["not-known", "by-note"].includes(found.value?.verdict.kind ?? "");
  const part = `*${asked}*`;
  const parts = useDocument(isUnknown ? findAddress(part) : null);
  const rows = parts.value?.rows ?? [];
  if (!isUnknown || (parts.value !== undefined && rows.length === 0)) {
    return { doc: found, name: asked };
  }
  return { doc: parts, name: rows.length === 1 ? reachedBy(rows[0]) : part };
}

/**
 * Goes to the disk for which Enter was pressed, once its answer is there.
 * @param {string} asked
 * @param {import("../../control/views.ts").FindView | undefined} found
 * @param {string} name that finds it
 */
function useEntered(asked, found, name) {
  const [entered, setEntered] = useState(/** @type {string | null} */ (null));
  useEffect(() => {
    if (entered !== asked || found === undefined) return;
    setEntered(null);
    if (found.rows.length > 0) go(diskAddress(name));
  }, [entered, asked, found, name]);
  return setEntered;
}

/** @param {string} name */
function findAddress(name) {
  return name === "" ? null : `/api/find.json?name=${encodeURIComponent(name)}`;
}

/** A text once nobody types any more. @param {string} text */
function useSettled(text) {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), DEBOUNCE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}

/**
 * Names of disks that the daemon proposes, and hosts.
 * @param {string} asked
 * @param {import("../../control/views.ts").FindView | undefined} found
 * @returns {Suggestion[]}
 */
function useSuggestions(asked, found) {
  const hosts = useDocument("/api/hosts.json").value ?? [];
  if (asked === "") return [];
  const wanted = asked.toLowerCase();
  const hasSites =
    new Set(hosts.map((/** @type {any} */ { site }) => site)).size > 1;
  const { matches = [], suggestions = [] } = found?.verdict ?? {};
  const ofDisks = [...new Set([...matches, ...suggestions])].map((text) => ({
    text,
    what: "disk",
    address: diskAddress(text),
  }));
  const ofHosts = hosts
    .filter((/** @type {any} */ row) =>
      row.uniqueHost.toLowerCase().includes(wanted) ||
      row.addresses.includes(asked)
    )
    .map((/** @type {any} */ { uniqueHost, site }) => ({
      text: uniqueHost,
      what: hasSites && site ? `host at ${visible(site)}` : "host",
      address: hostAddress(uniqueHost),
    }));
  const shown = ofHosts.slice(0, ofDisks.length > 0 ? 3 : MAX_SUGGESTIONS);
  return [...shown, ...ofDisks].slice(0, MAX_SUGGESTIONS);
}
