import { useEffect, useState } from "preact/hooks";

/** Addresses of the page, which can be sent to somebody. */

/** @type {Set<() => void>} */
const watchers = new Set();

/** Where the page is. */
export function useAddress() {
  const [address, setAddress] = useState(() => new URL(location.href));
  useEffect(() => {
    const watch = () => setAddress(new URL(location.href));
    watchers.add(watch);
    return () => void watchers.delete(watch);
  }, []);
  return address;
}

/** @param {string} address */
export function go(address) {
  history.pushState(null, "", address);
  changed();
  scrollTo(0, 0);
  document.querySelector("main")?.focus({ preventScroll: true });
}

/**
 * Without a step to go back to.
 * @param {string} address
 */
export function replace(address) {
  history.replaceState(null, "", address);
  changed();
}

function changed() {
  for (const watch of watchers) watch();
}

/**
 * A search for what browsers would take for a folder.
 * @param {string} name
 */
export const diskAddress = (name) =>
  `${/^\.\.?$/.test(name) ? "/?q=" : "/disk/"}${encodeURIComponent(name)}`;
/** The hosts of a site, or of all. @param {string | null} name */
export const siteAddress = (name) =>
  name === null ? "/" : `/?site=${encodeURIComponent(name)}`;
/** @param {string} name */
export const hostAddress = (name) => `/host/${encodeURIComponent(name)}`;

/**
 * The name in an address, as it stands there if it is damaged.
 * @param {string} part
 */
export function nameIn(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Links within the page load nothing. */
export function followLinks() {
  addEventListener("popstate", changed);
  addEventListener("click", (event) => {
    const { target, button, metaKey, ctrlKey, shiftKey, altKey } = event;
    if (button !== 0 || metaKey || ctrlKey || shiftKey || altKey) return;
    const link = target instanceof Element ? target.closest("a") : null;
    if (link === null || link.origin !== location.origin) return;
    if (link.hash !== "" || link.hasAttribute("download")) return;
    event.preventDefault();
    go(link.href);
  });
}
