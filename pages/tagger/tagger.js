// What the loader calls: once when the tagger appears and again at every rerun.
import { Editor } from "./editor.js";
import { outbox } from "./saving/shared.js";

const editors = new WeakMap();

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
