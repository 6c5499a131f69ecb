// How far a coach is, in words.
import { count } from "../elements/elements.js";

const BEGINNING = ["off", "starting", "reading", "failed"];
const PHASES = {
  off: "Coach: starting",
  starting: "Coach: starting",
  reading: "Coach: reading",
  waiting: "Coach: nothing learned yet",
  elsewhere: "Coach: at work elsewhere",
  failed: "Coach: starting again",
};
const ABOUT = "It learns every document that you finish, and suggests what comes next. Settings can switch it off.";

/** Tell whether a coach learns what is finished now. */
export function isAtWork(coach) {
  return Boolean(coach?.on) && ["reading", "waiting"].includes(coach.phase);
}

/** Tell whether there will be other news of it soon. */
export function isBeginning(coach) {
  return Boolean(coach?.on) && BEGINNING.includes(coach.phase);
}

/** Tell whether a coach has yet to learn documents that were finished before. */
export function isReading(coach) {
  return Boolean(coach?.on) && ["starting", "reading"].includes(coach.phase);
}

/** Return how far a coach is, and what that means; or why nothing is suggested, where that is so. */
export function describeCoach(coach, withheld = "") {
  if (withheld) return { text: withheld, title: withheld };
  if (!coach) return { text: "", title: "" };
  if (!coach.on) return { text: "Coach: off", title: "Settings can switch it on." };
  const { documents, phase, revision } = coach;
  const words = wordsOf(coach);
  // What it has learned is the same while it reads on.
  const learned = documents && isAtWork(coach);
  const beginning = words && isAtWork(coach) ? `Coach: suggests ${words}` : PHASES[phase];
  const text = learned ? `Coach: learned from ${count(documents, "document")}` : beginning;
  const besides = words && ` It suggests ${wordsOf(coach, true)}, too.`;
  const more = phase === "reading" ? " It has not learned all that is finished yet." : "";
  return { text, title: `${learned ? `Revision ${revision}.${more} ` : ""}${ABOUT}${besides}` };
}

// Return whose words are suggested beside what is learned, many lists by their names where `all`
// are wanted; "" where nobody is asked.
function wordsOf({ lists = [], earlier }, all = false) {
  const named = lists.map((name) => `the list ${name}`);
  const listed = all || lists.length < 2 ? named : [count(lists.length, "list")];
  const found = earlier ? [...listed, "earlier projects"] : listed;
  return found.length ? `words of ${found.join(" and ")}` : "";
}
