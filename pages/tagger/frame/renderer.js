// Draws the state of an editor: what all ways of labelling have around the text, and over it.
import { inkOn, readTheme, shadeLabels } from "../labels/colors.js";
import { describeSaving, describeTrouble } from "./messages.js";
import { placePanel } from "../text/overlay.js";
import { TextView } from "../text/textview.js";
import { Remaining } from "../queue/remaining.js";

/** Everything that is drawn; reads the editor, never changes it. */
export class Renderer {
  constructor(root, view, place) {
    this.root = root;
    this.view = view;
    this.textView = new TextView(view.text);
    this.remaining = new Remaining();
    place.append(view.root);
  }

  close() {
    this.view.root.remove();
  }

  /** Draw another text. */
  open(session) {
    // A document that is answered and left by one key is drawn no more.
    const left = this.session;
    if (left) this.remaining.see(left.document.id, left.state.status);
    this.session = session;
    this.previewed = null;
    this.textView.open(session.rules.offsets, session.tokens);
    this.view.pane.scrollTop = 0;
    this.fit();
  }

  /** Give the frame what the page leaves of the window's height. */
  fit() {
    const { top } = this.root.host.getBoundingClientRect();
    this.view.root.style.setProperty("--above", `${Math.max(Math.round(top), 0)}px`);
  }

  /** Take labels, queue and theme from what the page sent. */
  receive({ document, queue, labels, withheld }, keys) {
    const theme = readTheme(this.root.host);
    this.view.root.style.setProperty("--on-primary", inkOn(theme.primary));
    this.labels = labels;
    this.shades = shadeLabels(labels, theme);
    this.stamp = JSON.stringify([theme, labels]);
    this.keys = keys;
    this.view.showKeys(keys);
    this.view.withheld = withheld;
    this.view.showPlace(document, queue);
    this.remaining.receive(queue);
  }

  /** Give the text the keyboard. */
  focus() {
    this.view.pane.focus({ preventScroll: true });
  }

  /** Show how the document stands, and what is said about it; `hint` where there is no news. */
  showStanding(session, { notice, news, offer, later, coach, ...standing }, hint) {
    const { view } = this;
    const { waiting, summary, choices, behind } = standing;
    const { state, lane } = session;
    view.showCoach(coach);
    view.root.classList.toggle("waiting", waiting);
    view.showState(state, this.remaining.count(session.document.id, state.status), behind);
    view.showSaved(describeSaving(summary, lane));
    view.showBar(describeTrouble(summary, lane, choices));
    if (offer) view.showHint(offer.text, true, offer.caption);
    else if (notice || news) view.showHint(notice ?? news, Boolean(notice));
    else if (later) view.showChanged(later);
    else view.showHint(hint());
  }

  /** Put an open panel by a range, or over the text; `foot` puts it at the text's foot. */
  placePanel(panel, range, foot = false) {
    placePanel(panel, this.textView, this.view.pane, range, foot);
  }
}
