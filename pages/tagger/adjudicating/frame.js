// What stands around the versions: which document this is and why, the places that differ, the
// decisions with their keys. Nothing of it comes or goes while people decide.
import { count, make, say } from "../elements/elements.js";
import { Frame } from "../walking/frame.js";
import { Columns } from "./columns.js";

const NUMBERS = new Intl.NumberFormat("en");
const WALKING = [
  ["judgeNext", "next place"],
  ["judgeBack", "back"],
  ["judgeMore", "whole text"],
  ["judgeUndo", "undo"],
];

/** The frame of one document; `take(index)` hears a click on a person. */
export class PlaceFrame extends Frame {
  constructor(act, turn, take) {
    super(act, turn);
    this.columns.take = take;
  }

  get walked() {
    return WALKING;
  }

  makeDecisions() {
    this.done = this.action("judgeDone", "Decided", "Decided: open the next document");
    this.done.classList.add("primary");
    return [
      this.action("judgeBoth", "Both", "Take both, or all, where they can stand together"),
      this.action("judgeNone", "Nothing", "Nothing is labelled here"),
      this.action("judgeEdit", "Edit", "Edit the decision"),
      this.action("judgeAsk", "Ask", "Ask others about this place"),
      this.action("judgeExample", "Example", "Make it an example in the guideline"),
      this.done,
    ];
  }

  build() {
    this.place = make("span", { class: "place" });
    this.left = make("span", { class: "left" });
    this.why = make("span", { class: "why" });
    this.undo = this.tool("judgeUndo", "undo", "Undo");
    this.redo = this.tool("judgeRedo", "redo", "Redo");
    this.previous = this.tool("judgePrevious", "previous", "Document before");
    this.next = this.tool("judgeOn", "next", "Next document that waits");
    this.columns = new Columns();
    const open = this.tool("judgeOpen", "open", "Open it on the Tag page");
    this.talk = this.tool("judgeTalk", "talk", "Open questions about this document");
    this.talking = make("span", {});
    this.talk.append(this.talking);
    const way = make("div", { class: "group" }, this.previous, this.place, this.next, this.left);
    const tools = make("div", { class: "group" }, this.talk, this.undo, this.redo, open);
    const top = make("div", { class: "top" }, way, this.why, tools);
    const label = { class: "group decisions", role: "toolbar", "aria-label": "Decide" };
    const decisions = make("div", label, ...this.decisions);
    const told = make("div", { class: "told" }, this.counts, this.hint, this.saved);
    this.desk = make("div", { class: "desk" }, decisions, told);
    const body = make("div", { class: "body" }, this.columns.element, this.list);
    return make("div", { class: "walk adjudicating" }, top, this.bar, body, this.desk, this.live);
  }

  /** Put threads, and the line in which reasons and questions are typed, above the decisions. */
  addAsides(...elements) {
    this.desk.prepend(...elements);
  }

  /** Show how many questions about the document are open. */
  showTalk(number) {
    this.talk.hidden = !number;
    say(this.talking, number ? NUMBERS.format(number) : "");
  }

  /** Show which document this is, and how much of it is open. */
  showWay({ way, rows, opened, people }, { state }, open, unclear) {
    say(this.place, `${NUMBERS.format(way.index + 1)} of ${NUMBERS.format(way.total)}`);
    say(this.left, way.left ? `${count(way.left, "document")} to decide` : "all decided");
    const { name } = opened[0].document;
    say(this.why, [name, way.why].filter(Boolean).join(" · "));
    this.why.title = this.why.textContent;
    this.previous.disabled = way.previous === null;
    this.next.disabled = way.next === null;
    const places = `${NUMBERS.format(rows.length - open.length)} of ${count(rows.length, "place")} decided`;
    const rest = open.length > unclear ? `, ${NUMBERS.format(open.length - unclear)} more by majority` : "";
    const said = state.status === "done" && !open.length ? "decided" : places + rest;
    say(this.counts, people.length ? said : "nobody has finished it");
  }

  showCounts() {}

  /** Take what the page leaves of the window's height. */
  fit(host) {
    const { top } = host.getBoundingClientRect();
    this.root.style.setProperty("--above", `${Math.max(Math.round(top), 0)}px`);
  }
}
