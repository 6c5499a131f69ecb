// A look at all places of the same words in the project, before they are labelled in one step.
import { count, make } from "../elements/elements.js";
import { makeRow, Picker } from "./picker.js";

/** The dialog over the editor. */
export class Preview extends Picker {
  get verb() {
    return "Label";
  }

  get doing() {
    return "Labelling…";
  }

  options() {
    this.words = option("Whole words", () => this.search());
    this.cases = option("Match case", () => this.search());
    return [this.words.field, this.cases.field];
  }

  /** Show where the words of a span stand in the project. */
  open({ quote, label }) {
    this.subject = { quote, label };
    this.words.box.checked = this.cases.box.checked = true;
    this.show(`Label “${quote}” as ${label} in the whole project`);
  }

  find(signal) {
    const { session, requester } = this.editor;
    const { document } = session.lane;
    const options = { whole_words: this.words.box.checked, match_case: this.cases.box.checked };
    return requester.ask("find", { document, ...this.subject, ...options, list: true }, signal);
  }

  found(hits, more) {
    const rest = more ? ` · ${count(more, "more place")}: label these, then look again` : "";
    const nothing = "No free place with these words";
    return hits.length ? `${count(hits.length, "place")} in ${describeDocuments(hits)}${rest}` : nothing;
  }

  spread(chosen) {
    return `${chosen.length.toLocaleString("en")} in ${describeDocuments(chosen)}`;
  }

  makeHit({ name, before, quote, after }) {
    const text = make("span", { class: "context", dir: "auto" }, before, make("b", {}, quote), after);
    return makeRow(text, name);
  }

  send(order, chosen) {
    const { session, requester } = this.editor;
    const { document } = session.lane;
    const hits = chosen.map(({ document, start, end }) => [document, start, end]);
    return requester.ask("apply", { ...order, document, label: this.subject.label, hits });
  }

  finish({ spans, documents, skipped, state }) {
    const { editor } = this;
    editor.session.confirm(state);
    editor.repeats.drop();
    const left = skipped ? ` · ${skipped.toLocaleString("en")} left out, changed meanwhile` : "";
    const where = `${count(spans, "span")} in ${count(documents, "document")}`;
    editor.note(`${where} labelled ${this.subject.label}${left} · Undo takes it back`);
  }
}

function option(caption, search) {
  const box = make("input", { type: "checkbox", checked: "" });
  box.onchange = search;
  return { box, field: make("label", { class: "option" }, box, caption) };
}

function describeDocuments(hits) {
  return count(new Set(hits.map(({ document }) => document)).size, "document");
}
