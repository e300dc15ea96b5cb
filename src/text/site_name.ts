/** Longest name of a site, in characters. */
export const MAX_SITE_LENGTH = 32;

/** Whether a text may be the name of a site: letters, digits, `.`, `_` and `-`. */
export function isSiteName(text: string): boolean {
  return text.length <= MAX_SITE_LENGTH && /^[A-Za-z0-9._-]+$/.test(text);
}
