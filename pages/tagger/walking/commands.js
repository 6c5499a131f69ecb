// The commands of a walk through a list: the table that Settings reads too, and what each does.
import { commandsIn } from "../keys/commands.js";

const ACTS = {
  walkNext: (walk) => walk.path.step(1),
  walkBack: (walk) => walk.path.step(-1),
  walkAccept: (walk) => walk.deciding.decide("accept"),
  walkKeep: (walk) => walk.deciding.decide("keep"),
  walkEdit: (walk) => walk.deciding.edit(),
  walkNeither: (walk) => walk.deciding.decide("neither"),
  walkAsk: (walk) => walk.deciding.decide("ask"),
  walkExample: (walk) => walk.deciding.exemplify(),
  walkUndo: (walk) => walk.retracing.take("undo"),
  walkRedo: (walk) => walk.retracing.take("redo"),
  walkMore: (walk) => walk.unfold(),
  walkLike: (walk) => walk.compare(),
  walkOpen: (walk) => walk.openPage(),
};

/** Every command by name: keys, help, run(walk), and whether it repeats while its key is held. */
export const COMMANDS = commandsIn("walk", ACTS);

/** Those that change something: they rest where decisions are made elsewhere. */
export const DECIDING = new Set([
  ...["walkAccept", "walkKeep", "walkEdit", "walkNeither", "walkAsk", "walkExample"],
  ...["walkUndo", "walkRedo"],
]);
