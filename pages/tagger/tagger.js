// What the loader calls: once when the tagger appears and again at every rerun.
import { Editor } from "./editor.js";
import { Outbox } from "./saving/outbox.js";

// The outbox outlives the tagger: leaving the Tag page does not stop a delivery.
const outbox = new Outbox();
const editors = new WeakMap();

addEventListener("online", () => outbox.pumpAll());
addEventListener("beforeunload", (event) => {
  // What is kept in localStorage survives the page; only the rest needs a warning.
  if (outbox.summary().loose) event.preventDefault();
});

export default function tagger(component) {
  const { parentElement } = component;
  if (!editors.has(parentElement)) editors.set(parentElement, new Editor(parentElement, outbox));
  const editor = editors.get(parentElement);
  const listener = editor.listener();
  outbox.on = listener;
  editor.receive(component);
  return () => {
    // Another tagger may have come before this one goes.
    if (outbox.on === listener) outbox.on = {};
    editor.close();
    editors.delete(parentElement);
  };
}
