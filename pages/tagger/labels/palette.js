// The palette: labels found by typing, chosen by number, and new ones made on the spot.
import { isComposing } from "../keys/keys.js";
import { make, say } from "../elements/elements.js";
import { describeFailure } from "../saving/requests.js";
import { paint } from "./colors.js";

const NUMBERED = 9;
const LONGEST_NAME = 100;
const FOOT = "A number or Enter chooses · Esc closes";
// Typed first, it makes numbers part of the name.
const LITERAL = '"';

/** Return a name as it is searched: without case and accents. */
export function fold(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

/** Return the labels that contain what was typed: `named` are names that begin with it, then
 *  words that do, then other places; `described` have a word that begins so in their
 *  description only. The order of the labels otherwise. */
export function findLabels(labels, typed) {
  const wanted = fold(typed.trim());
  const ranked = labels.map((label) => [rank(label.name, wanted), label]);
  const found = ranked.filter(([place]) => place < Infinity).sort(([a], [b]) => a - b);
  const others = ranked.filter(([place]) => place === Infinity).map(([, label]) => label);
  const described = ({ description = "" }) => startsWord(fold(description), wanted);
  return { named: found.map(([, label]) => label), described: others.filter(described) };
}

function rank(name, wanted) {
  const folded = fold(name);
  if (folded.startsWith(wanted)) return 0;
  if (startsWord(folded, wanted)) return 1;
  return folded.includes(wanted) ? 2 : Infinity;
}

function startsWord(text, wanted) {
  const begins = (at) => at === 0 || !/[\p{L}\p{N}]/u.test(text[at - 1]);
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
    if (begins(at)) return true;
  }
  return false;
}

/** Tell whether a digit is more of the name being typed, rather than the number of a row. */
export function continuesName(labels, typed, digit) {
  if (typed.startsWith(LITERAL)) return true;
  const longer = fold(typed.trimStart() + digit);
  return typed.trim() !== "" && labels.some(({ name }) => fold(name).includes(longer));
}

/** A field over the text with the labels that fit what is typed into it. */
export class Palette {
  constructor(editor) {
    this.editor = editor;
    this.rows = [];
    this.field = make("input", {
      type: "text",
      role: "combobox",
      "aria-label": "Label",
      "aria-controls": "palette-rows",
      "aria-expanded": "true",
      autocomplete: "off",
      spellcheck: "false",
      maxlength: LONGEST_NAME,
      placeholder: "Type to find a label",
      oninput: () => this.#show(0),
    });
    const list = { class: "rows", role: "listbox", id: "palette-rows", "aria-label": "Labels" };
    this.list = make("div", list);
    this.foot = make("small", { role: "status" }, FOOT);
    const panel = { class: "palette", popover: "manual", role: "dialog", "aria-label": "Labels" };
    this.element = make("div", panel, this.field, this.list, this.foot);
    this.field.onkeydown = (event) => this.#onKey(event);
    this.element.onmousedown = (event) => this.#onMouse(event);
    this.element.addEventListener("focusout", () => this.#onLeave());
  }

  get isOpen() {
    return this.element.matches(":popover-open");
  }

  /** Show all labels beside what is selected. */
  open() {
    const { renderer, anchor } = this.editor;
    this.field.value = "";
    this.element.showPopover();
    this.#show(0);
    renderer.placePanel(this.element, anchor);
    this.field.focus({ preventScroll: true });
  }

  /** Close the palette and give the keyboard back to the text; tell whether it was open. */
  close() {
    const { isOpen } = this;
    if (isOpen) {
      this.element.hidePopover();
      this.editor.renderer.focus();
    }
    return isOpen;
  }

  #onLeave() {
    // A window that goes behind another one takes the focus with it, too.
    const left = () => this.isOpen && document.hasFocus() && !this.element.matches(":focus-within");
    setTimeout(() => left() && this.element.hidePopover());
  }

  #onMouse(event) {
    event.stopPropagation();
    if (event.target !== this.field) event.preventDefault();
  }

  get #typed() {
    return this.field.value;
  }

  get #name() {
    const typed = this.#typed;
    return (typed.startsWith(LITERAL) ? typed.slice(1) : typed).trim();
  }

  #show(marked) {
    const { data } = this.editor;
    const name = this.#name;
    const { named, described } = findLabels(this.editor.ranked(name), name);
    const known = data.labels.some((label) => fold(label.name) === fold(name));
    const fresh = name && !known && data.routes?.label ? [name] : [];
    // Who types a name means a label of that name, there already or to be made: that another
    // one's description holds the word comes last.
    const rows = [
      ...named.map((label, index) => this.#labelRow(label, index)),
      ...fresh.map((name) => this.#createRow(name)),
      ...described.map((label, index) => this.#labelRow(label, named.length + index)),
    ];
    this.rows = rows.map(({ act }) => act);
    this.options = rows.map(({ row }) => row);
    const options = rows.flatMap(({ row, head }) => (head ? [make("div", { class: "branch" }, head), row] : row));
    if (!options.length) options.push(make("div", { class: "empty" }, this.#nothing()));
    this.list.replaceChildren(...options);
    this.list.scrollTop = 0;
    say(this.foot, FOOT);
    this.#mark(marked);
  }

  #nothing() {
    return this.#name ? "No label fits." : "There are no labels yet: type the name of the first.";
  }

  // The number counts labels: what makes a new one has a plus.
  #labelRow(label, index) {
    const { shades } = this.editor.renderer;
    const digit = String(index + 1);
    const numbered = index < NUMBERED && !continuesName(this.editor.data.labels, this.#typed, digit);
    const name = make("span", { class: "tag" }, label.shown ?? label.name);
    paint(name, shades, label.name);
    const sure = label.sure && make("span", { class: "more" }, label.sure);
    const more = label.description && make("span", { class: "more" }, label.description);
    const made = this.#row(() => this.#choose(label.name), numbered ? digit : "", name, sure, more);
    made.row.classList.toggle("inner", Boolean(label.shown));
    return { ...made, head: label.head };
  }

  #createRow(name) {
    const caption = make("span", { class: "fresh" }, `Create label “${name}”`);
    return this.#row(() => this.#create(name), "+", caption);
  }

  #row(act, digit, ...content) {
    const props = { role: "option", class: "pick", onclick: act };
    return { act, row: make("div", props, make("kbd", {}, digit), ...content) };
  }

  #mark(index) {
    this.marked = index;
    this.options.forEach((row, at) => {
      row.id = `palette-row-${at}`;
      row.setAttribute("aria-selected", at === index);
    });
    const row = this.options[index] ?? null;
    this.field.setAttribute("aria-activedescendant", row?.id ?? "");
    row?.scrollIntoView({ block: "nearest" });
  }

  #onKey(event) {
    // An input method's own keys: its Enter and its digits choose among its words.
    if (isComposing(event)) return;
    event.stopPropagation();
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = this.#actOf(event);
    if (!act) return;
    event.preventDefault();
    act();
  }

  #actOf({ key }) {
    const last = this.rows.length - 1;
    const by = { ArrowDown: 1, ArrowUp: -1 }[key];
    if (by) return () => this.#mark((this.marked + by + last + 1) % (last + 1 || 1));
    if (key === "Enter") return () => this.rows[this.marked]?.();
    if (key === "Escape" || key === "Tab") return () => this.close();
    if (!/^[1-9]$/.test(key)) return null;
    const numbers = [...this.list.querySelectorAll("kbd")].map(({ textContent }) => textContent);
    return this.rows[numbers.indexOf(key)] ?? null;
  }

  #choose(name) {
    this.close();
    this.editor.attempt(() => this.editor.useLabel(name));
  }

  async #create(name) {
    const { editor } = this;
    const { session } = editor;
    say(this.foot, `Making the label “${name}”…`);
    const answer = await editor.requester.ask("label", { name });
    if (answer.status !== 200) {
      say(this.foot, `Not made: ${describeFailure(answer)}`);
      return;
    }
    editor.takeLabels(answer.body.labels);
    // Who went on to something else meanwhile has the label, and nothing is labelled.
    if (this.isOpen && editor.session === session) this.#choose(name);
  }
}
