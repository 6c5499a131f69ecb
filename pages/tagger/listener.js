// What an editor does about the news of the outbox, which knows no editor.
import { finishes, isFinished } from "./coaching/freshness.js";

/** Return what hears the outbox for one editor. */
export function listenFor(editor) {
  const mine = (lane, act) => {
    if (lane === editor.session?.lane) act();
  };
  // Whether what was stored last is something that a coach learns.
  let finishing = false;
  return {
    changed: () => editor.session && editor.render(),
    expired: () => editor.pager.refresh(),
    adopted: () => editor.session?.derive(),
    taken: (lane, entries) => {
      finishing = entries.some(({ op }) => finishes(op));
      mine(lane, () => {
        finishing ||= isFinished(editor.session.state);
        editor.session.advance(entries);
      });
    },
    saved: (lane, answer) => hearSaved(editor, lane, answer, finishing),
    refused: (lane, reason, state) => {
      mine(lane, () => editor.session.confirm(state));
      editor.notice = `Not saved: ${reason}`;
      editor.tell(editor.notice);
    },
  };
}

function hearSaved(editor, lane, answer, finishing) {
  const { session } = editor;
  const ours = lane.scope === session?.lane.scope;
  if (ours) editor.fresh.stored(answer.entry, finishing);
  // What comes may have been read before.
  editor.passed ||= editor.pager.opening !== null;
  if (lane === session?.lane) session.hear(answer);
  else if (ours) session.overtake();
}
