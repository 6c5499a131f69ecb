// What the tagger remembers in this browser from one visit to the next: mere preferences.

const PREFIX = "whetstone:";

/** Return what was remembered under a name, or null. */
export function recall(name) {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    // Forbidden by the browser's settings: then nothing is remembered.
    return null;
  }
}

/** Remember a text under a name. */
export function remember(name, text) {
  try {
    localStorage.setItem(PREFIX + name, text);
  } catch {
    // Full or forbidden: it holds until the page is left.
  }
}
