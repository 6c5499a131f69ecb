// Where a mention is likely to stand, so that one key leads from one to the next: what a model
// suggests, words with capitals, words with digits. A guess only: it labels nothing.
import { overlapFinder } from "../document/places.js";
import { snap } from "../document/offsets.js";
import { eachWord } from "../document/words.js";

// They join capitalised words to one name: "Bank of America", "Ludwig van Beethoven".
const JOINING = new Set(
  "of de da del della di do dos du des la le van von der den ter zu af al bin ibn y".split(" "),
);
// A capital at the beginning of a sentence says nothing about words like these.
const COMMON = new Set(
  `a about after all also although an and any are as at be because before both but by can could
  did do during each even every few first for from had has have he her here his how however i if
  in into is it its last later many may meanwhile more most mr mrs ms much my new next no nobody
  not nothing now of on once one only or other our over people she since so some soon still such
  than that the their then there these they this those though through thus to today tomorrow
  under until up was we were what when where which while who why will with would yesterday yet
  you your am auch auf aus bei bis das dem den der die doch du durch ein eine einem einen einer er
  es für hat ich ihr im ist man mit nach nicht noch nun nur ob oder sein seit sie sind so über um
  und uns von vor war was wenn wer wie wir wird zu zum zur au aux avec ce ces cette dans de des
  elle en est et il ils je la le les leur mais nous on ou par pas pour qui sa se ses si son sur
  un une vous al como con cuando del el ella en es esta este la las lo los no para pero por que se
  según sin sobre su sus un una y`.split(/\s+/),
);
const CAPITAL = /\p{Lu}/u;
const DIGIT = /\p{Nd}/u;
const SENTENCE_END = /(?:^|[.!?…:;。！？\n]["'”’»)\]]*\s*|\n\s*|[“"«(]\s*)$/u;
// The one pronoun with a capital.
const ENGLISH_I = /^I(?:['’]\p{Ll}+)?$/u;
const LOOK_BACK = 12;

/** Return the first likely mention {from, to} of a text at or behind a unit, or null. */
export function nextMention(text, unit) {
  let run = null;
  let joint = null;
  for (const [from, to] of eachWord(text, unit)) {
    const word = text.slice(from, to);
    const near = run && text.slice((joint ?? run).to, from) === " ";
    if (run && !near) return run;
    if (isLikely(text, from, word)) {
      run = { from: run?.from ?? from, to };
      joint = null;
    } else if (run && JOINING.has(word)) joint = { to };
    else if (run) return run;
  }
  return run;
}

function isLikely(text, from, word) {
  if (DIGIT.test(word)) return true;
  if (!CAPITAL.test(word) || ENGLISH_I.test(word)) return false;
  const common = COMMON.has(word.toLowerCase()) && word.slice(1) === word.slice(1).toLowerCase();
  return !common || !SENTENCE_END.test(text.slice(Math.max(from - LOOK_BACK, 0), from));
}

/** Leads from one likely mention to the next, for one editor. */
export class Mentions {
  constructor(editor) {
    this.editor = editor;
  }

  /** Select the next likely mention that nobody has labelled. */
  next() {
    const { selection, renderer, note } = this.editor;
    const found = this.#find(this.#here);
    if (!found) return note("No likely mention from here on");
    if (found.id) selection.pickSpan(found.id, true);
    else selection.pickRange(found);
    return requestAnimationFrame(() => renderer.reveal(found));
  }

  // Behind what is selected. What the tagger selected by itself hides nothing before it.
  get #here() {
    const { selection, session } = this.editor;
    const after = selection.place ?? selection.range;
    const skipped = selection.offered && this.#find(0)?.id !== selection.id;
    return skipped ? 0 : (after?.end ?? session.tokens[selection.head]?.[1] ?? 0);
  }

  // What a model suggests says more than a capital at the same place.
  #find(from) {
    const { suggestions } = this.editor;
    const suggestion = suggestions.shown.find(({ start, crossing }) => start >= from && !crossing);
    const range = this.#free(from);
    return suggestion && (!range || suggestion.start < range.end) ? suggestion : range;
  }

  #free(from) {
    const { tokens, state, rules } = this.editor.session;
    const { offsets } = rules;
    const taken = overlapFinder(state.spans);
    let found = nextMention(offsets.text, offsets.unit(from));
    for (; found; found = nextMention(offsets.text, found.to)) {
      const range = { start: offsets.point(found.from), end: offsets.point(found.to, true) };
      const snapped = snap(tokens, offsets, range);
      if (snapped && !taken(snapped)) return snapped;
    }
    return null;
  }
}
