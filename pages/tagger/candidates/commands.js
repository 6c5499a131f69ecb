// The commands among candidates: the table that Settings reads too, and what each does.
import { commandsIn } from "../keys/commands.js";

const ACTS = {
  candidateNext: (list) => list.path.step(1),
  candidateBack: (list) => list.path.step(-1),
  candidateAccept: (list) => list.accept(),
  candidateNone: (list) => list.answerNone(),
  candidateUnsure: (list) => list.answerUnsure(),
  candidateOn: (list) => list.go("next"),
  candidatePrevious: (list) => list.go("previous"),
  candidateUndo: (list) => list.retracing.take("undo"),
  candidateRedo: (list) => list.retracing.take("redo"),
  candidateMore: (list) => list.unfold(),
  candidateAlone: (list) => list.showAlone(),
};

/** Every command by name: keys, help, run(list), and whether it repeats while its key is held. */
export const COMMANDS = commandsIn("candidates", ACTS);
