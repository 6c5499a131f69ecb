// Which document comes next. Opening one is the page's work: the tagger can only ask.

const LONGEST_WAIT = 8000;

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
    this.ids = data.queue.ids;
    this.here = data.document.id;
    this.ask = setStateValue;
  }

  /** Stop waiting: the document is there, or the tagger goes. */
  settle() {
    clearTimeout(this.timer);
    this.opening = null;
  }

  /** Ask for the next (by = 1) or the previous document; return false where there is none. */
  turn(by) {
    // Several presses go several documents on, though the first is still on its way.
    const target = this.ids[this.ids.indexOf(this.opening ?? this.here) + by];
    if (target !== undefined) this.open(target);
    return target !== undefined;
  }

  /** Ask for a document. */
  open(id) {
    this.settle();
    this.opening = id;
    // The page tells a new wish from an old one by its number, also after a reload.
    this.lastAsked = Math.max(Date.now(), this.lastAsked + 1);
    this.ask("open", { document: id, n: this.lastAsked });
    this.timer = setTimeout(() => {
      this.settle();
      this.failed();
    }, LONGEST_WAIT);
  }
}
