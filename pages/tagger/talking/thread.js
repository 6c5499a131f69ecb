// How a thread is drawn: what it is about, what was said, and what can be done. Text only ever
// becomes text nodes.
import { make } from "../elements/elements.js";

const SHORT = 90;
const HOUR = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", hour12: false });
const DAY = new Intl.DateTimeFormat("en", { day: "numeric", month: "short", year: "numeric" });

/** Draw a thread; `acts` has reveal(place), answer(thread), settle(act, fields), edit(comment). */
export function drawThread(thread, acts) {
  const { place, quote, label, open, resolved, unread, comments } = thread;
  const words = quote ? `“${shorten(quote)}”${label ? ` ${label}` : ""}` : label || "The document";
  const about = make("button", { type: "button", class: "link", title: "Show it in the text" }, words);
  about.disabled = !place;
  about.onclick = () => acts.reveal(place);
  const said = comments.map((comment) => drawComment(comment, acts));
  const state = !open && make("small", {}, `Resolved by ${resolved}`);
  const link = (caption, onclick) => make("button", { type: "button", class: "link", onclick }, caption);
  const turn = open ? ["Resolve", "resolve"] : ["Open again", "reopen"];
  const foot = make(
    "div",
    { class: "group" },
    link("Answer", () => acts.answer(thread)),
    link(turn[0], () => acts.settle(turn[1], { thread: thread.id })),
    state,
  );
  const look = `thread${open ? "" : " done"}${unread ? " unread" : ""}`;
  return make("section", { class: look, "data-thread": String(thread.id) }, about, ...said, foot);
}

function drawComment(comment, acts) {
  const { id, author, text, at, edited, mine } = comment;
  const when = make("small", {}, `${moment(at)}${edited ? " · edited" : ""}`);
  const tool = (caption, onclick) =>
    make("button", { type: "button", class: "link quiet", onclick, title: `${caption} this comment` }, caption);
  const tools = mine
    ? [tool("Edit", () => acts.edit(comment)), tool("Delete", () => acts.settle("delete", { comment: id }))]
    : [];
  const head = make("div", { class: "group" }, make("b", {}, author), when, ...tools);
  return make("div", { class: "remark" }, head, make("p", { dir: "auto" }, text));
}

/** Return words in one line, not too many of them. */
export function shorten(text) {
  const signs = [...text.replace(/\s+/g, " ").trim()];
  return signs.length <= SHORT ? signs.join("") : `${signs.slice(0, SHORT - 1).join("")}…`;
}

/** Return where the name begins that is typed before the caret, at its "@"; -1 where none is. */
export function naming(before) {
  const at = Math.max(before.lastIndexOf("@"), before.lastIndexOf("＠"));
  return /[\p{L}\p{N}_]/u.test(before[at - 1] ?? " ") || before.includes("\n", at) ? -1 : at;
}

/** Return those who may be meant by what is typed before the caret, and where it begins. */
export function completions(before, names) {
  const at = naming(before);
  if (at < 0) return null;
  const typed = fold(before.slice(at + 1));
  const fitting = names.filter((name) => fold(name).startsWith(typed) && fold(name) !== typed);
  return fitting.length ? { at, names: fitting.slice(0, 4) } : null;
}

function fold(text) {
  return text.normalize("NFKC").toLowerCase();
}

function moment(at) {
  const then = new Date(at);
  return (then.toDateString() === new Date().toDateString() ? HOUR : DAY).format(then);
}
