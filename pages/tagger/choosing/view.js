// The frame of the tagger of whole documents: one text, or two side by side, and the answers.
import { COMMANDS, POINTER } from "../keys/commands.js";
import { View } from "../frame/view.js";
import { paint } from "../labels/colors.js";
import { Offers } from "./offers.js";
import { count, make, percent, say } from "../elements/elements.js";

const NO_LABELS = "There are no labels yet.";
const GUESSES = ["guessOne", "guessTwo", "guessThree"];
// Beyond these the list of labels leads, and only those with a key and those given have a chip.
const MOST_CHIPS = 24;
// So few leave room for the other answers beside them.
const FEW = 6;
const LEVEL = "/";

/** The frame; `act(command)` hears every button. */
export class ChoiceView extends View {
  get commands() {
    return COMMANDS.whole;
  }

  get pointer() {
    return POINTER.whole;
  }

  get whole() {
    return true;
  }

  buildMarks() {
    this.candidates = this.action("Candidates", "candidates");
    this.candidates.hidden = true;
    return [this.candidates];
  }

  buildText() {
    this.second = make("div", { class: "text second" });
    this.sides = make("div", { class: "reading" }, this.text, this.second);
    return [this.sides];
  }

  buildUnder(kept) {
    this.labels = make("div", { class: "labels", role: "toolbar", "aria-label": "Labels" });
    this.find = this.keyedButton("Find a label", { mark: "find", key: " ", class: "find" }, "palette");
    this.found = make("span", { class: "many-labels" });
    this.find.append(this.found);
    this.empty = make("span", { class: "none" }, NO_LABELS, this.action("Make a label", "palette"));
    const others = [this.action("None of these", "none"), this.action("Unsure", "unsure")];
    this.others = make("div", { class: "group others" }, this.find, ...others);
    const chips = make("div", { class: "chips" }, this.labels, this.others);
    this.offers = new Offers((caption, command) => this.action(caption, command));
    const foot = make("div", { class: "foot" }, this.hint, this.offers.alike, kept);
    return [buildGuesses(this), chips, foot];
  }

  /** Show two texts, or one; a short one is set larger. */
  showSides(second, length) {
    this.second.hidden = second === null;
    this.sides.classList.toggle("two", second !== null);
    this.sides.classList.toggle("brief", length <= 280);
    this.sides.classList.toggle("lengthy", length > 1200);
  }

  /** Show the model's first guesses, each with how likely it holds it; its place stays. */
  showGuesses({ shown, looked, said, maker }, given, shades) {
    this.known ||= looked;
    this.guessed.hidden = !this.known;
    // Where nothing is said yet the words stay as wide as they were.
    if (looked || !this.maker.textContent) say(this.maker, `${maker}:`);
    this.guesses.forEach((element, index) => {
      const guess = shown[index];
      element.disabled = !guess;
      element.classList.toggle("blank", !guess);
      this.#fillGuess(element, guess, given, said, shades);
    });
  }

  #fillGuess(element, guess, given, said, shades) {
    const [key, caption, share] = element.children;
    const sure = guess ? percent(guess.score ?? 0) : "";
    fillName(caption, guess ? guess.label : "no guess");
    say(share, sure);
    const pressed = Boolean(guess) && given.has(guess.label);
    element.setAttribute("aria-pressed", pressed);
    const says = guess && said.includes(guess) ? "the model says" : "the model guesses";
    const title = guess ? `${guess.label}: ${says} so, ${sure} (${key.textContent})` : "No guess";
    element.title = title;
    element.setAttribute("aria-label", title);
    paint(element, shades, guess?.label ?? "");
  }

  /** Show the labels as chips with their keys; of very many only those with a key, and those
   *  given: the list has them all. */
  showLabels(labels, given, shades) {
    const many = labels.length > MOST_CHIPS;
    const shown = labels
      .map((label, index) => ({ ...label, index }))
      .filter(({ name, key }) => !many || key || given.has(name));
    this.labels.classList.toggle("many", many);
    this.others.classList.toggle("beside", labels.length <= FEW);
    say(this.found, many ? `Find one of ${labels.length.toLocaleString("en")} labels` : "");
    if (labels.length) this.empty.remove();
    else if (!this.empty.isConnected) this.labels.prepend(this.empty);
    fillChips(this.labels, shown, given, shades, (label) => this.act({ label }));
  }

  /** Say which labels a document has to a screen reader; of one label nothing is counted. */
  showGiven(given, single) {
    this.total.hidden = single;
    this.pane.setAttribute("aria-description", given.size ? [...given].join(", ") : count(0, "label"));
  }
}

// What is above the labels: the model's first guesses.
function buildGuesses(view) {
  view.guesses = GUESSES.map((command) => buildGuess(view, command));
  const props = { class: "guesses", role: "toolbar", "aria-label": "The model's first guesses" };
  view.maker = make("span", { class: "says" });
  view.guessed = make("div", props, view.maker, ...view.guesses);
  view.guessed.append(view.offers.sure);
  return view.guessed;
}

function buildGuess(view, command) {
  const element = view.keyedButton("Guess", { key: " ", class: "chip guess" }, command);
  element.append(make("span"), make("small"));
  return element;
}

/** Fill a toolbar with labels as chips: those given are pressed. Each has its `index`, which
 *  `choose(index)` hears. */
export function fillChips(toolbar, labels, given, shades, choose) {
  const chips = toolbar.getElementsByClassName("chip");
  while (chips.length > labels.length) chips[chips.length - 1].remove();
  labels.forEach((label, at) => {
    const chip = chips[at] ?? toolbar.appendChild(makeChip());
    fillChip(chip, label, given.has(label.name));
    chip.onclick = () => choose(label.index);
    paint(chip, shades, label.name);
  });
}

function makeChip() {
  return make("button", { type: "button", class: "chip" }, make("kbd"), make("span"));
}

function fillChip(chip, { name, key, description }, pressed) {
  const [digit, caption] = chip.children;
  say(digit, key);
  digit.hidden = !key;
  fillName(caption, name);
  chip.title = description || name;
  chip.setAttribute("aria-pressed", pressed);
  chip.setAttribute("aria-label", `${name}${key ? `, key ${key}` : ""}`);
}

/** Write a label's name; what stands above it in a hierarchy steps back. */
export function fillName(element, name) {
  if (element.textContent === name) return;
  const cut = name.lastIndexOf(LEVEL, name.length - 2) + 1;
  const above = cut > 0 && make("i", { class: "above" }, name.slice(0, cut));
  element.replaceChildren(...[above, name.slice(cut)].filter(Boolean));
}
