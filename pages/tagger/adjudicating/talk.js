// What people said about the places of a document: a sign at each place with an open thread, and
// the threads above the decisions once they are asked for.
import { isWhole, meet } from "../document/places.js";
import { make } from "../elements/elements.js";
import { describeFailure } from "../saving/requests.js";
import { drawThread } from "../talking/thread.js";

const NOBODY = "Nobody has an open question about this document: Ask begins one.";

/** The threads of one document, for one page. */
export class PlaceTalk {
  constructor(walk) {
    this.walk = walk;
    this.threads = [];
    this.element = make("div", { class: "threads", hidden: "", "aria-label": "Talk", role: "region" });
  }

  /** Turn to a document: its threads come by themselves. */
  turn(document) {
    this.document = document;
    this.threads = [];
    this.element.hidden = true;
    return this.renew();
  }

  /** Ask anew what was said. */
  renew() {
    this.asked = this.#request("talk", { seen: !this.element.hidden });
    return this.asked;
  }

  /** Return the open threads about a place; those of the document are about all of it. */
  on(row) {
    return this.#open().filter(({ place }) => (isWhole(row) ? !place : place && meet(place, row)));
  }

  /** How many are open, wherever in the document. */
  get count() {
    return this.#open().length;
  }

  /** Show the threads of the current place, of all where it has none, or put them away. */
  toggle() {
    if (!this.count) return this.walk.note(NOBODY);
    this.element.hidden = !this.element.hidden;
    this.show();
    if (!this.element.hidden) this.renew();
    return null;
  }

  /** Show the threads of the place that is the current one now. */
  show() {
    const { row } = this.walk.path;
    this.element.hidden ||= !this.count;
    if (this.element.hidden) return;
    const here = row ? this.on(row) : [];
    const shown = here.length ? here : this.#open();
    const stamp = JSON.stringify(shown);
    if (this.stamp === stamp) return;
    this.stamp = stamp;
    this.element.replaceChildren(...shown.map((each) => drawThread(each, this.#acts())));
  }

  #open() {
    return this.threads.filter(({ open }) => open);
  }

  #acts() {
    const { asides } = this.walk;
    const say = (about) => async (text) => (await this.#request("talkSay", { text, ...about })) && "Sent";
    return {
      reveal: (place) => this.#reveal(place),
      answer: ({ id }) => asides.write("Answer:", "@name tells somebody", say({ thread: id })),
      settle: (act, fields) => this.#request("talkSettle", { act, ...fields }),
      edit: ({ id, text }) => asides.write("Your comment:", "", say({ comment: id }), text),
    };
  }

  #reveal(place) {
    const row = this.walk.data.rows.find((each) => meet(place, each));
    if (row) this.walk.path.goTo(row);
    else this.walk.note("Everybody says the same of these words.");
  }

  // Tell whether it was done.
  async #request(route, question) {
    const { document, walk } = this;
    const answer = await walk.requester.ask(route, { document, ...question });
    if (answer.status !== 200) {
      walk.note(`Talk did not answer: ${describeFailure(answer)}`, true);
      return false;
    }
    walk.asides.learn(answer.body.names);
    if (this.document !== document) return true;
    this.threads = answer.body.threads;
    walk.render();
    return true;
  }
}
