// What the tagger of whole documents says under the text: what to do next, by which key.
import { capOf } from "../keys/keys.js";

const MARKED = {
  differs: "marked: what differs",
  shares: "marked: words that both have",
};

/** Return the line under the text. */
export function describeChoice({ given, single, keys, labels, compared, leaves }) {
  const cap = (name) => keys.keys.get(name).map(capOf)[0] ?? "";
  const told = (name, what) => cap(name) && `${cap(name)} ${what}`;
  const line = (...parts) => parts.filter(Boolean).join(" · ");
  if (!labels.length) return "Make the labels that you need: “Make a label”";
  const looks = compared && MARKED[compared.look];
  const leave = leaves && told("clear", "goes back to the list");
  const finds = told("palette", "finds a label");
  if (single) {
    const again = told("quickUndo", "brings the last one back");
    const goes = leaves ? "A digit answers" : "A digit answers and goes on";
    return line(looks, goes, finds, leave || again);
  }
  const on = told("done", "goes on");
  const gives = given.size ? "A digit gives a label, or takes it back" : "A digit gives a label";
  return line(looks, gives, finds, leave || on);
}
