// The documents that come next, fetched before they are asked for: who answers by one key does not
// wait for the page. The page is told where the person is as it can follow.

// So many are fetched at once, when only so few are left.
const REACH = 10;
const FEW = 5;
// The page runs again when nobody answers for so long, or when its part of the queue ends.
const PAUSE = 1200;

/** Holds what comes next, for one editor. */
export class Ahead {
  constructor(editor) {
    this.editor = editor;
    this.known = new Map();
    this.asked = new Set();
    this.told = new Set();
  }

  /** Forget all: something may have changed them. */
  clear() {
    this.known.clear();
    this.asked.clear();
  }

  /** Tell the page nothing any more. */
  stop() {
    clearTimeout(this.timer);
  }

  /** Fetch what comes behind the open document, as far as it is not here. */
  fill() {
    const { ids, here } = this.editor.pager;
    const at = ids.indexOf(here);
    const near = at < 0 ? [] : ids.slice(at + 1, at + 1 + REACH);
    this.known.delete(here);
    for (const id of this.known.keys()) if (!near.includes(id)) this.known.delete(id);
    const missing = near.filter((id) => !this.known.has(id) && !this.asked.has(id));
    if (missing.length && (near.length - missing.length < FEW || at === 0)) this.#fetch(missing);
  }

  async #fetch(ids) {
    const { asked, known, editor } = this;
    for (const id of ids) asked.add(id);
    const { document } = editor.session;
    const { status, body } = await editor.requester.ask("ahead", { document: document.id, documents: ids });
    // What was forgotten meanwhile is fetched again when it is near.
    const wanted = new Set(ids.filter((id) => asked.delete(id)));
    for (const opened of status === 200 ? body.opened : []) {
      const { id } = opened.document;
      if (!wanted.has(id) || editor.session.document.id === id) continue;
      known.set(id, { ...opened, entry: body.entry });
    }
  }

  /** Exchange what is suggested for a document: the coach knows more by now. */
  exchange(id, suggestions, entry) {
    const opened = this.known.get(id);
    if (opened && opened.entry <= entry) this.known.set(id, { ...opened, suggestions, entry });
  }

  /** Return what the page would send of a document, null where it is not here yet. */
  take(id) {
    return this.known.get(id) ?? null;
  }

  /** Tell the page that another document is open, once there is time. */
  tell() {
    const { pager } = this.editor;
    clearTimeout(this.timer);
    this.told.add(pager.here);
    const left = pager.ids.length - pager.ids.indexOf(pager.here);
    this.timer = setTimeout(() => pager.refresh(), left > FEW + 2 ? PAUSE : 0);
  }

  /** Tell whether the page speaks of a document that the person has passed. */
  isPast(id) {
    return this.told.has(id);
  }
}
