// Which controller labels a document: its project's task says it by a word.
import { Chooser } from "./chooser.js";
import { SpanEditor } from "./span_editor.js";

const MODES = { spans: SpanEditor, whole: Chooser };

/** Return the controller of a way of labelling. */
export function editorOf({ mode }) {
  return MODES[mode] ?? SpanEditor;
}
