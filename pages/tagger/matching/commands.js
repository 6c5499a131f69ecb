// The commands of a list of answers: the table that Settings reads too, and what each does.
import { commandsIn } from "../keys/commands.js";

const ACTS = {
  matchNext: (list) => list.step(1),
  matchBack: (list) => list.step(-1),
  matchAccept: (list) => list.judge(list.data.accept),
  matchReject: (list) => list.judge(list.data.reject),
  matchUndo: (list) => list.undo(),
};

/** Every command by name: keys, help, run(list), and whether it repeats while its key is held. */
export const COMMANDS = commandsIn("match", ACTS);
