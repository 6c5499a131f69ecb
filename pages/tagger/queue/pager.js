// Which document comes next. Opening one is the page's work: the tagger can only ask.

const LONGEST_WAIT = 8000;
// So many documents are named where it matters what comes next.
const REACH = 20;

/** Walks the queue around the open document. */
export class Pager {
  /** `failed()` is called where a document that was asked for does not come. */
  constructor(failed) {
    this.failed = failed;
    this.opening = null;
    this.lastAsked = 0;
  }

  /** Take the queue and the way to the page from what the page sent. */
  receive({ data, setStateValue }) {
    const stayed = this.here === data.document.id;
    this.ids = data.queue.ids;
    this.here = data.document.id;
    this.ask = setStateValue;
    // A server that was started anew does not hear the first wish after that.
    if (this.opening !== null && stayed && !this.repeated) {
      this.repeated = true;
      this.#ask(this.opening);
    }
  }

  /** Stop waiting: the document is there, or the tagger goes. */
  settle() {
    clearTimeout(this.timer);
    this.opening = null;
  }

  /** Return the next (by = 1) or the previous document, undefined where there is none. */
  beside(by) {
    return this.ids[this.ids.indexOf(this.opening ?? this.here) + by];
  }

  /** The documents that come next, the open one first. */
  get coming() {
    const at = this.ids.indexOf(this.here);
    return at < 0 ? [this.here] : this.ids.slice(at, at + REACH);
  }

  /** Ask for the next (by = 1) or the previous document; return false where there is none. */
  turn(by) {
    // Several presses go several documents on, though the first is still on its way.
    const target = this.beside(by);
    if (target !== undefined) this.open(target);
    return target !== undefined;
  }

  /** Ask for the open document again: something beside it has changed. */
  refresh() {
    if (this.opening === null) this.#ask(this.here);
  }

  // The page tells a new wish from an old one by its number, also after a reload.
  #ask(document, more = {}) {
    this.lastAsked = Math.max(Date.now(), this.lastAsked + 1);
    this.ask("open", { document, ...more, n: this.lastAsked });
  }

  /** Ask for another view of the open document. */
  view(name) {
    this.#ask(this.here, { view: name });
  }

  /** Ask for a document. */
  open(id) {
    this.settle();
    this.opening = id;
    this.repeated = false;
    this.#ask(id);
    this.timer = setTimeout(() => {
      this.settle();
      this.failed();
    }, LONGEST_WAIT);
  }
}
