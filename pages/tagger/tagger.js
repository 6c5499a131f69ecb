// What the loader calls: once when the tagger appears and again at every rerun.
import { editorOf } from "./modes.js";
import { outbox } from "./saving/shared.js";

const editors = new WeakMap();

export default function tagger(component) {
  const { parentElement } = component;
  const editor = editorFor(parentElement, editorOf(component.data));
  const listener = editor.listener();
  outbox.on = listener;
  editor.receive(component);
  return () => {
    // Another tagger may have come before this one goes.
    if (outbox.on === listener) outbox.on = {};
    editor.close();
    if (editors.get(parentElement) === editor) editors.delete(parentElement);
  };
}

// Where another project comes, its documents may be labelled in another way.
function editorFor(parentElement, Mode) {
  const known = editors.get(parentElement);
  if (known instanceof Mode) return known;
  known?.close();
  const editor = new Mode(parentElement, outbox);
  editors.set(parentElement, editor);
  return editor;
}
