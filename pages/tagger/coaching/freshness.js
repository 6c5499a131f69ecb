// Which suggestions of a document are drawn, and when: a coach learns while people tag, and what
// they look at never moves by itself.
import { count } from "../elements/elements.js";
import { pause } from "../saving/requests.js";
import { isAtWork, isBeginning, isReading } from "./standing.js";

// The text of a document is there at once; so long its suggestions wait for what the coach makes
// of the answer before.
const HOLD = 400;
// It is asked again later each time: beside many people a coach is slow, and asking does not make
// it quicker.
const STEP = 100;
const SLOWER = 1.5;
const SLOWEST = 400;
const LONGEST = 3000;
const GLANCE = 1500;
const MOST_GLANCES = 80;
// As seldom it is looked at after these, while it reads thousands of documents.
const SELDOM = 10000;
const FINISHED = ["done", "skipped"];
// Who presses these before suggestions are drawn means none that they have seen.
const BLIND = ["accept", "reject", "acceptAll", "nextSuspect", "guessOne", "guessTwo", "guessThree"];
// How often the coach of a project had heard of a change of what it knew; outlives the tagger.
const mended = new Map();

/** Decides it for one editor, which has `exchange(id, suggestions, entry)`, where it holds
 *  documents ahead, `changes(suggestions)`, how many would look different, and `redraw(data)`. */
export class Freshness {
  constructor(editor) {
    this.editor = editor;
    this.coach = null;
    // The entry of the journal that the coach is to know before what it says is fresh.
    this.wanted = 0;
    // The newest entry that is known to be in what is suggested for the open document.
    this.entry = 0;
    this.held = this.touched = this.closed = false;
    this.drawn = this.latest = this.later = null;
  }

  close() {
    this.closed = true;
    clearTimeout(this.holding);
    clearTimeout(this.glancing);
  }

  /** Return what the page sent with the suggestions that are to be drawn now. */
  sift(data, opens) {
    if (data.coach === undefined) return data;
    this.project = data.project;
    // Who goes on without the page has its word of the coach from before.
    if (data.coach !== this.sent) this.#hear((this.sent = data.coach));
    this.#glance(MOST_GLANCES);
    if (opens) this.#open(data);
    // What a page sends of an open document may be older than what is known by now.
    else if (data.suggestions !== this.drawn) this.#arrive(data.suggestions, entryOf(data));
    return { ...data, suggestions: this.drawn };
  }

  #open(data) {
    clearTimeout(this.holding);
    this.touched = false;
    this.later = null;
    this.latest = data.suggestions;
    this.entry = entryOf(data);
    this.focus = Boolean(data.focus);
    const fresh = this.entry >= this.wanted && !this.#pending;
    this.held = isAtWork(this.coach) && !fresh && !this.focus;
    this.drawn = this.held ? null : this.latest;
    if (this.held) this.holding = setTimeout(() => this.#release(), HOLD);
    if (!fresh) this.#poll();
  }

  /** Hear that edits were stored, up to an entry of the journal; `finishing` where they make a
   *  document done, or change one that is. */
  stored(entry, finishing) {
    if (!finishing) return;
    this.wanted = Math.max(this.wanted, entry ?? 0);
    this.#poll();
  }

  /** Hear a command; tell whether it may be carried out. */
  touch(command) {
    if (command === "showChanged") return true;
    if (this.held && BLIND.includes(command)) {
      this.#release();
      return false;
    }
    if (this.held && command === "nextMention") this.#release();
    this.touched = true;
    return true;
  }

  /** Draw what was offered. */
  show() {
    const { later } = this;
    if (!later) return this.editor.note("No suggestion has changed");
    this.later = null;
    return this.#draw(later.suggestions);
  }

  /** What has changed and is not drawn, in words; null where there is nothing. */
  get offer() {
    return this.later && `${count(this.later.count, "suggestion")} changed`;
  }

  #release() {
    clearTimeout(this.holding);
    if (!this.held) return;
    this.held = false;
    if (this.touched) this.#propose(this.latest);
    else this.#draw(this.latest, true);
  }

  #draw(suggestions, first = false) {
    this.drawn = suggestions;
    this.editor.redraw(suggestions, first && !this.focus);
  }

  // Known for certain to be of this entry.
  #arrive(suggestions, entry) {
    if (entry < this.entry) return;
    this.entry = entry;
    this.latest = suggestions;
    if (!this.held) return this.touched || this.#propose(suggestions);
    return entry >= this.wanted && !this.#pending && this.#release();
  }

  #propose(suggestions) {
    const changed = this.editor.changes(suggestions);
    const before = this.offer;
    this.later = changed ? { suggestions, count: changed } : null;
    if (!changed) this.editor.foresee(suggestions);
    if (this.offer === before) return;
    if (this.offer) this.editor.tell(this.offer);
    this.editor.render();
  }

  // Whether an answer is on its way to the server.
  get #pending() {
    const { outbox, session } = this.editor;
    const mine = [...outbox.lanes.values()].filter(({ scope, halt }) => scope === session?.lane.scope && !halt);
    return mine.some(({ entries }) => entries.some(({ op }) => finishes(op)));
  }

  get #waits() {
    // Not how far the coach is, which an answer about the document before may have said.
    const behind = this.entry < this.wanted || this.#pending;
    return !this.closed && isAtWork(this.coach) && behind;
  }

  async #poll() {
    this.until = performance.now() + LONGEST;
    this.step = STEP;
    if (this.polling) return;
    this.polling = true;
    while (this.#waits && performance.now() < this.until) {
      if (!this.#pending) await this.#ask();
      if (this.#waits) await pause(this.step);
      this.step = Math.min(this.step * SLOWER, SLOWEST);
    }
    this.polling = false;
    this.#glance(MOST_GLANCES);
  }

  async #ask(glancing = false) {
    const { editor, wanted } = this;
    const { document } = editor.session;
    const documents = glancing ? [] : [document.id, ...editor.aheadIds];
    const coming = glancing ? [] : editor.pager.coming;
    const question = { document: document.id, documents, coming, after: wanted };
    const begins = isBeginning(this.coach);
    const { status, body } = await editor.requester.ask("suggested", question);
    if (status !== 200 || this.closed) return;
    this.#hear(body.coach);
    // Once it is there it may have suggested something that leans on no answer: words of a list.
    if (glancing && begins && !isBeginning(body.coach)) return this.#ask();
    if (glancing || !body.told || editor.session.document.id !== document.id) return this.#say();
    const { entry } = body.coach;
    const said = (id) => body.suggestions[id] ?? null;
    for (const id of documents.slice(1)) editor.exchange(id, said(id), entry);
    this.#arrive(said(document.id), entry);
    this.#say();
  }

  // How far it is changes only the line that says so.
  #say() {
    this.editor.renderer.view.showCoach(this.coach);
  }

  // As long as it begins, or takes its time, it is looked at now and then.
  #glance(left) {
    clearTimeout(this.glancing);
    const goesOn = left > 0 ? this.#waits || isBeginning(this.coach) : isReading(this.coach);
    if (this.closed || !goesOn) return;
    const look = async () => {
      if (!this.polling && !document.hidden) await this.#ask(!this.#waits);
      this.#glance(left - 1);
    };
    this.glancing = setTimeout(look, left > 0 ? GLANCE : SELDOM);
  }

  #hear(coach) {
    this.coach = coach;
    if (!isAtWork(coach)) return;
    const before = mended.get(this.project);
    mended.set(this.project, coach.mended);
    if (before === undefined || coach.mended <= before || !coach.changed) return;
    // Behind what is being done at this moment.
    const say = () => this.editor.note(`${count(coach.changed, "suggestion")} changed`);
    setTimeout(() => this.closed || this.later || say());
  }
}

/** Tell whether an edit may make a document one that the coach learns. */
export function finishes(op) {
  return "status" in op;
}

/** Tell whether a document is one that the coach has learned. */
export function isFinished({ status }) {
  return FINISHED.includes(status);
}

// What was fetched ahead says of itself how much the coach knew then.
function entryOf({ entry, coach }) {
  return entry ?? coach?.entry ?? 0;
}
