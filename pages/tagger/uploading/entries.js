// What a person dropped or chose, as a flat list of {path, file}: folders are walked.

// What systems leave in folders, and nobody means.
const LEFT = new Set(["Thumbs.db", "desktop.ini", "__MACOSX"]);

/** Return what was dropped. Must be called while the event is handled: later its items are gone. */
export function dropped(transfer) {
  const entries = [...transfer.items]
    .filter((item) => item.kind === "file")
    .map((item) => item.webkitGetAsEntry?.() ?? item.getAsFile())
    .filter(Boolean);
  return Promise.all(entries.map((entry) => walk(entry, ""))).then((found) => found.flat());
}

/** Return what was chosen in a dialog; of a folder each file tells its place in it. */
export function chosen(files) {
  return [...files]
    .map((file) => ({ path: file.webkitRelativePath || file.name, file }))
    .filter(({ path }) => path.split("/").every(isMeant));
}

async function walk(entry, above) {
  if (entry instanceof Blob) return [{ path: entry.name, file: entry }];
  const path = above + entry.name;
  if (above && !isMeant(entry.name)) return [];
  if (entry.isFile) {
    const file = await new Promise((done, fail) => entry.file(done, fail));
    return [{ path, file }];
  }
  const found = [];
  for (const each of await children(entry)) found.push(...(await walk(each, `${path}/`)));
  return found;
}

/** A reader gives about a hundred entries at a time, and none at the end. */
async function children(folder) {
  const reader = folder.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((done, fail) => reader.readEntries(done, fail));
    if (!some.length) return found.sort((a, b) => (a.name < b.name ? -1 : 1));
    found.push(...some);
  }
}

function isMeant(name) {
  return !name.startsWith(".") && !LEFT.has(name);
}
