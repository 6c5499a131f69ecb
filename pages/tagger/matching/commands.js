// The commands of a list of answers: the table that Settings reads too, and what each does.
import TABLE from "../keys/commands.json" with { type: "json" };

const ACTS = {
  matchNext: (list) => list.step(1),
  matchBack: (list) => list.step(-1),
  matchAccept: (list) => list.judge(list.data.accept),
  matchReject: (list) => list.judge(list.data.reject),
  matchUndo: (list) => list.undo(),
};
const own = TABLE.filter(({ room }) => room === "match");

/** Every command by name: keys, help, run(list), and whether it repeats while its key is held. */
export const COMMANDS = new Map(own.map((row) => [row.name, { ...row, run: ACTS[row.name] }]));
