// Talk beside the text: what people said of this document and of words in it, and the field to
// ask, answer and resolve. The panel lies over the margin, as the guideline does.
import { isComposing } from "../keys/keys.js";
import { button, make, say } from "../elements/elements.js";
import { describeFailure, pause } from "../saving/requests.js";
import { Mentions } from "./mentions.js";
import { drawThread, shorten } from "./thread.js";

const HIGHLIGHT = "whetstone-talk";
const LONGEST = 10_000;
// Who leafs through documents asks for none of them.
const REST = 150;

/** The panel, its button in the header, and the words in the text that are talked about. */
export class Talk {
  constructor(editor) {
    this.editor = editor;
    this.threads = [];
    this.target = {};
    this.drafts = new Map();
    const { talk, talkButton } = editor.renderer.view;
    this.element = talk;
    this.button = talkButton;
    this.list = make("div", { class: "body", "aria-live": "polite" });
    this.about = make("small", { class: "about" });
    this.field = make("textarea", {
      rows: "3",
      maxlength: LONGEST,
      "aria-label": "Say something",
      placeholder: "Ask, or note something. @ and a name tells somebody",
      oninput: () => this.#typed(),
      onkeydown: (event) => this.#onKey(event),
    });
    this.mentions = new Mentions(this.field, () => this.asked);
    const close = button("Close (Esc)", { mark: "close", class: "tool", onclick: () => this.close() });
    const head = make("div", { class: "row" }, make("strong", {}, "Talk"), close);
    const send = button("Send (Enter)", { caption: "Send", class: "action main", onclick: () => this.#send() });
    const foot = make("div", { class: "row" }, this.mentions.element, send);
    talk.append(head, this.list, this.about, this.field, foot);
  }

  /** Open the panel with the field, or go to the field; from there, close the panel. */
  toggle() {
    const { root } = this.editor;
    if (!this.element.hidden && root.activeElement === this.field) return this.close();
    this.#open();
    this.editor.render();
    this.field.focus({ preventScroll: true });
  }

  /** Close the panel; tell whether it was open. */
  close() {
    const open = !this.element.hidden;
    this.element.hidden = true;
    if (open) this.editor.renderer.focus();
    return open;
  }

  /** Turn to the document that is open now, and to the thread that the address names. */
  turn() {
    this.#keepDraft();
    this.id = this.editor.session.document.id;
    const { text = "", target = {} } = this.drafts.get(this.id) ?? {};
    this.field.value = text;
    this.target = target;
    this.#take([]);
    if (this.follow()) return;
    if (!this.element.hidden) this.#ask();
    else if (this.editor.data.talk?.any) this.#askLater();
  }

  /** Open the thread that the address names, once, and leave the keyboard with the text; tell
   *  whether it names another one. */
  follow() {
    const { talk } = this.editor.data;
    if (!talk?.thread || talk.thread === this.shown) return false;
    this.shown = this.wanted = talk.thread;
    this.#open();
    return true;
  }

  /** Show what the field is about: the thread, or what is selected. */
  show() {
    this.#paint();
    if (this.element.hidden) return;
    say(this.about, this.#describe());
  }

  /** Take the words of the text out that are talked about. */
  leave() {
    CSS.highlights.delete(HIGHLIGHT);
  }

  #open() {
    const { guide } = this.editor;
    guide.close();
    this.element.hidden = false;
    this.#ask();
  }

  async #askLater() {
    const { id } = this;
    await pause(REST);
    if (this.id === id) this.#ask();
  }

  #ask() {
    const seen = !this.element.hidden;
    this.asked = this.#request("talk", { seen });
  }

  // Ask a route about this document; tell whether it was done.
  async #request(route, question) {
    const { id, editor } = this;
    const answer = await editor.requester.ask(route, { document: id, ...question });
    if (answer.status !== 200) {
      if (route !== "talk") editor.note(`Not sent: ${describeFailure(answer)}`, true);
      return false;
    }
    this.mentions.learn(answer.body.names);
    if (this.id === id) this.#take(answer.body.threads);
    return true;
  }

  #take(threads) {
    this.threads = threads;
    const acts = {
      reveal: (place) => this.#reveal(place),
      answer: (thread) => this.#aim({ thread: thread.id }),
      settle: (act, fields) => this.#request("talkSettle", { act, ...fields }),
      edit: (comment) => this.#aim({ comment: comment.id }, comment.text),
    };
    const none = make("p", {}, "Nothing was said here yet.");
    this.list.replaceChildren(...(threads.length ? threads.map((each) => drawThread(each, acts)) : [none]));
    this.#count();
    this.show();
    if (this.wanted && threads.length) this.#goTo(this.wanted);
  }

  #goTo(id) {
    this.wanted = null;
    // Who comes to a thread comes to answer.
    if (!this.field.value) this.target = { thread: id };
    const found = this.list.querySelector(`[data-thread="${id}"]`);
    found?.scrollIntoView({ block: "nearest" });
    const place = this.threads.find((each) => each.id === id)?.place;
    if (place) this.editor.renderer.reveal?.(place);
    this.show();
  }

  // Of what is said in a thread, the newest is in sight.
  #showEnd(id) {
    const said = this.list.querySelectorAll(`[data-thread="${id}"] .remark`);
    said[said.length - 1]?.scrollIntoView({ block: "nearest" });
  }

  #count() {
    const left = this.threads.filter(({ open }) => open).length;
    const words = this.button.querySelector("span");
    say(words, left ? String(left) : "");
    words.hidden = !left;
    this.button.setAttribute("aria-pressed", this.threads.some(({ unread }) => unread));
  }

  // Words of open threads are underlined; that moves nothing.
  #paint() {
    const { textView } = this.editor.renderer;
    const places = this.threads.filter(({ open, place }) => open && place);
    if (places.length) CSS.highlights.set(HIGHLIGHT, new Highlight(...places.map(({ place }) => textView.range(place))));
    else this.leave();
  }

  #reveal(place) {
    const { selection, renderer } = this.editor;
    selection?.goTo(place);
    renderer.reveal?.(place);
    this.editor.render();
  }

  #aim(target, text = this.field.value) {
    this.target = target;
    this.field.value = text;
    this.field.focus({ preventScroll: true });
    this.show();
  }

  #describe() {
    if (this.target.comment) return "Your comment";
    if (this.target.thread) {
      const { quote, label } = this.threads.find(({ id }) => id === this.target.thread) ?? {};
      return `Answer${quote || label ? ` about ${quote ? `“${shorten(quote)}”` : label}` : ""}`;
    }
    const { place, label } = this.target.pinned ?? this.#selected();
    if (!place) return "About this document";
    return `About “${shorten(this.editor.quote(place))}”${label ? ` ${label}` : ""}`;
  }

  #selected() {
    const { anchor, selection } = this.editor;
    return { place: anchor && { start: anchor.start, end: anchor.end }, label: selection?.span?.label };
  }

  // What is typed is about what was selected when it began.
  #typed() {
    const { thread, comment, pinned } = this.target;
    if (!this.field.value && !thread) this.target = {};
    else if (!thread && !comment && !pinned) this.target = { pinned: this.#selected() };
    this.mentions.offer();
    this.show();
  }

  #onKey(event) {
    if (isComposing(event)) return;
    event.stopPropagation();
    if (this.mentions.take(event)) return;
    if (event.key === "Enter" && !event.shiftKey) this.#send();
    else if (event.key === "Escape") this.#escape();
    else return;
    event.preventDefault();
  }

  #escape() {
    if (this.field.value) this.editor.renderer.focus();
    else this.close();
  }

  async #send() {
    const { id } = this;
    if (!this.field.value.trim() || this.sending) return;
    this.sending = true;
    await this.mentions.filled;
    const sent = this.field.value;
    const text = sent.trim();
    const { thread, comment, pinned } = this.target;
    const { place, label } = pinned ?? this.#selected();
    const range = place && place.end > place.start ? place : {};
    const about = comment ? { comment } : thread ? { thread } : { ...range, ...(label ? { label } : {}) };
    const done = await this.#request("talkSay", { text, ...about });
    this.sending = false;
    if (!done) return;
    if (this.id !== id) return void this.drafts.delete(id);
    // What was typed meanwhile stays, and who answered goes on in the same thread.
    this.field.value = this.field.value.startsWith(sent) ? this.field.value.slice(sent.length) : "";
    this.target = thread ? { thread } : {};
    if (thread) this.#showEnd(thread);
    this.mentions.offer();
    this.show();
    this.editor.tell("Sent");
  }

  #keepDraft() {
    if (this.id === undefined) return;
    if (this.field.value) this.drafts.set(this.id, { text: this.field.value, target: this.target });
    else this.drafts.delete(this.id);
  }
}
