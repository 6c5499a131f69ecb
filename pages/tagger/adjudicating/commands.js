// The commands of Adjudicate: the table that Settings reads too, and what each does.
import { commandsIn } from "../keys/commands.js";

const ACTS = {
  judgeNext: (page) => page.path.step(1),
  judgeBack: (page) => page.path.step(-1),
  judgeBoth: (page) => page.deciding.takeAll(),
  judgeNone: (page) => page.deciding.take([]),
  judgeEdit: (page) => page.deciding.edit(),
  judgeAsk: (page) => page.asides.ask(),
  judgeTalk: (page) => page.talk.toggle(),
  judgeExample: (page) => page.asides.keep(),
  judgeDone: (page) => page.finish(),
  judgeUndo: (page) => page.retracing.take("undo"),
  judgeRedo: (page) => page.retracing.take("redo"),
  judgeMore: (page) => page.unfold(),
  judgeOn: (page) => page.go("next"),
  judgePrevious: (page) => page.go("previous"),
  judgeOpen: (page) => page.openPage(),
};

/** Every command by name: keys, help, run(page), and whether it repeats while its key is held. */
export const COMMANDS = commandsIn("adjudicating", ACTS);
