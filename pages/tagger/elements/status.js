// How saving stands and what needs the person: drawn alike around a text and around a list of rows.
import { button, icon, make } from "./elements.js";

/** Draw how saving stands. */
export function drawSaved(element, [mark, text]) {
  if (element.textContent === text) return;
  element.dataset.mark = mark;
  element.replaceChildren(...(text ? [icon(mark), make("span", {}, text)] : []));
}

/** Draw a message with choices, or hide it where there is none. */
export function drawBar(element, trouble) {
  const { about = "", text = "", choices = [] } = trouble ?? {};
  // A bar that says the same of the same stays: a new one would be read out again.
  if (element.dataset.about === about + text) return;
  element.dataset.about = about + text;
  element.hidden = !text;
  const buttons = choices.map(([caption, onclick]) =>
    button(caption, { caption, class: "action", onclick }),
  );
  element.replaceChildren(icon("alert"), make("span", {}, text), ...buttons);
}
