// The commands of the tagger by name.

/** What each command does; keys and buttons name them. */
export const COMMANDS = {
  undo: (desk) => desk.marker.undo(),
  redo: (desk) => desk.marker.redo(),
  remove: (desk) => desk.marker.remove(),
  replace: (desk) => desk.marker.replace(),
  startBack: (desk) => desk.marker.nudge("start", -1),
  startOn: (desk) => desk.marker.nudge("start", 1),
  endBack: (desk) => desk.marker.nudge("end", -1),
  endOn: (desk) => desk.marker.nudge("end", 1),
  nextToken: (desk) => desk.selection.step(1),
  lastToken: (desk) => desk.selection.step(-1),
  grow: (desk) => desk.selection.stretch(1),
  shrink: (desk) => desk.selection.stretch(-1),
  nextSpan: (desk) => desk.walk(1),
  lastSpan: (desk) => desk.walk(-1),
  clear: (desk) => desk.clear(),
  done: (desk) => desk.finish("done"),
  skip: (desk) => desk.skip(),
  next: (desk) => desk.page(1),
  previous: (desk) => desk.page(-1),
  help: (desk) => desk.help.togglePopover(),
};

/** What moves the selection along the text. */
export const WALKING = ["nextToken", "lastToken", "grow", "shrink", "nextSpan", "lastSpan"];

/** What a key held down goes on doing: it does not label or finish one after another. */
export const REPEATABLE = [...WALKING, "undo", "redo"];

/** What may be done while the next document is on its way. */
export const PAGING = ["next", "previous", "help"];
