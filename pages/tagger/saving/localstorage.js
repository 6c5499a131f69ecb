// What is kept in the browser until the server has it, and whose it is.

/** What the names of kept edits begin with. */
export const PREFIX = "whetstone:op:";

/** Return who edits where, as a token says it: a newer token of the same page says the same. */
export function scopeOf(token) {
  return token.split(".")[0];
}

/** Return the storage that outlives the page; null where it is forbidden. */
export function openStorage() {
  try {
    return globalThis.localStorage;
  } catch {
    // Forbidden by the browser's settings; every entry then counts as not kept.
    return null;
  }
}

/** Give what is kept beside edits its present name: until 0.3 that held the token's seal, too. */
export function cutSeals(storage) {
  for (const key of Object.keys(storage ?? {})) {
    const [, name] = key.match(/^(whetstone:(?:base|draft):\d+\|[^.]+)\./) ?? [];
    if (!name) continue;
    try {
      storage.setItem(name, storage.getItem(key));
      storage.removeItem(key);
    } catch {
      // Full: it waits under the old name until there is room.
    }
  }
}

/** Return every edit that is kept: {client, endpoint, token, document, op}. */
export function readKept(storage) {
  const keys = Object.keys(storage ?? {}).filter((key) => key.startsWith(PREFIX));
  return keys.map((key) => {
    const client = key.slice(PREFIX.length).split(":")[0];
    return { client, ...JSON.parse(storage.getItem(key)) };
  });
}

/** Call `take` once the page of a client is gone, at once for the own one.
 *
 *  Each page holds a lock named after its client as long as it lives, so a client's lock is
 *  granted here only when its page is gone. Plain-http addresses have no locks.
 */
export function claimClient(client, take) {
  if (!navigator.locks) return take();
  return navigator.locks.request(`whetstone:${client}`, () => {
    take();
    return new Promise(() => {});
  });
}

/** Sort the edits that wait in a lane: each visit's stay together, and follow those of the visits
 *  they were made on; the pages of several visits are found gone in any order. */
export function sortByVisit(entries) {
  const firsts = new Map();
  for (const { client, op } of entries) if (!firsts.has(client)) firsts.set(client, op);
  entries.sort((a, b) => {
    const [one, other] = [firsts.get(a.client), firsts.get(b.client)];
    return one.base_revision - other.base_revision || one.at.localeCompare(other.at);
  });
}
