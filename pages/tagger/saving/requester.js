// What the tagger asks the server beside its edits, in the name of the page. A page that was
// open for too long has a token that is too old: it runs again, which gives out a new one, and
// the question is asked once more.
import { ask } from "./requests.js";

const LONGEST_WAIT = 8000;

/** Asks for one page; `refresh()` makes it run again. */
export class Requester {
  constructor(refresh) {
    this.refresh = refresh;
    this.waiting = [];
  }

  /** Take the token and the addresses that the page gave out. */
  receive({ token, routes }) {
    const renewed = token !== this.token;
    this.token = token;
    this.routes = routes;
    if (renewed) for (const go of this.waiting.splice(0)) go(true);
  }

  /** Ask a route; no network and no answer in time come back as status 0. */
  async ask(route, question, signal = null) {
    const { token } = this;
    const send = () => ask(this.routes[route], { ...question, token: this.token }, signal);
    const answer = await send();
    if (!answer.body?.expired) return answer;
    // Another question may have led to a new token meanwhile.
    const renewed = token !== this.token || (await this.#renewed());
    return renewed ? send() : answer;
  }

  #renewed() {
    return new Promise((done) => {
      this.waiting.push(done);
      setTimeout(() => done(false), LONGEST_WAIT);
      this.refresh();
    });
  }
}
