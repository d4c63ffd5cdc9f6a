/** Path of a Chromium, Chrome or Edge on this machine; null where there is none. */
export function findBrowser(): string | null
