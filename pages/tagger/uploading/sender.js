// Sends files to the server in slices and remembers how far each is. One for the whole tab: it
// goes on while other pages are open, and lives until the page is loaded anew.

const SLICE = 8 * 1024 * 1024;
const AT_ONCE = 3;
const NAMED_AT_ONCE = 1000;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 10_000;
// So many seconds of progress make the speed that is shown.
const WINDOW = 8;

/** What one drop zone has taken: its batch on the server, and its files in their order. */
export class Sender {
  constructor(fetch = (...given) => globalThis.fetch(...given), clock = () => performance.now()) {
    this.fetch = fetch;
    this.clock = clock;
    this.batch = null;
    this.files = [];
    this.free = null;
    this.problem = "";
    // So many removals are on their way: until then the server has more than is shown.
    this.removing = 0;
    this.hear = () => {};
    // Makes the page run, which gives out a new token.
    this.renew = () => {};
    this.marks = [];
    this.beginning = Promise.resolve();
  }

  /** Take what the page gave out last: token, addresses, and what the files are for. */
  receive({ token, routes, purpose }) {
    Object.assign(this, { token, routes, purpose });
  }

  /** Forget everything; what the server has is its own affair by now. */
  forget() {
    for (const file of this.files) file.stopping?.abort();
    Object.assign(this, { batch: null, files: [], problem: "", marks: [] });
    this.hear();
  }

  /** Show what a batch has on the server, as after a reload; its rest cannot be sent any more. */
  async restore(batch) {
    const { status, body } = await this.ask("list", { batch });
    if (status !== 200 || this.files.length) return;
    this.batch = batch;
    this.free = body.free;
    this.files = body.files.map((file) => ({ ...file, blob: null, state: stateOf(file) }));
    this.hear();
  }

  /** Take files as [{path, file}], tell the server of them, and begin to send. */
  add(given) {
    const files = given.map(({ path, file }) => ({
      n: null, name: path, size: file.size, received: 0, blob: file, state: "waiting",
    }));
    this.files.push(...files);
    this.problem = "";
    this.hear();
    this.beginning = this.beginning.then(() => this.announce(files));
    return this.beginning;
  }

  async announce(files) {
    for (let at = 0; at < files.length; at += NAMED_AT_ONCE) {
      const part = files.slice(at, at + NAMED_AT_ONCE).filter((file) => this.files.includes(file));
      const told = part.map(({ name, size }) => ({ name: name.toWellFormed?.() ?? name, size }));
      const where = this.batch ? { batch: this.batch } : {};
      const { status, body } = await this.ask("begin", { files: told, purpose: this.purpose, ...where });
      if (status === 404 && this.batch) return this.again();
      if (status !== 200) {
        this.drop(files.slice(at));
        this.problem = body?.error ?? UNREACHED;
        this.hear();
        return null;
      }
      this.batch = body.batch;
      this.free = body.free;
      part.forEach((file, number) => (file.n = body.files[number]));
      // Files without a byte are whole once they have a name.
      for (const file of part) file.state = stateOf(file);
    }
    return this.pump();
  }

  /** The server was started anew, and what it had is gone: begin again with what is still here. */
  again() {
    const files = this.files.filter((file) => file.blob);
    if (files.length < this.files.length) this.problem = "Some files are gone: choose them again.";
    for (const file of files) Object.assign(file, { n: null, received: 0, state: "waiting" });
    Object.assign(this, { batch: null, files });
    return this.announce(files);
  }

  /** Start what waits; a few files are sent at a time. */
  pump() {
    const sending = this.files.filter((file) => file.state === "sending").length;
    const waiting = this.files.filter((file) => file.state === "waiting" && file.n !== null);
    for (const file of waiting.slice(0, AT_ONCE - sending)) {
      file.state = "sending";
      this.send(file);
    }
    this.hear();
  }

  /** Send a file slice by slice; a slice that does not arrive is sent again, ever more slowly. */
  async send(file) {
    let pause = FIRST_PAUSE;
    const batch = this.batch;
    while (file.received < file.size && this.files.includes(file) && batch === this.batch) {
      file.stopping = new AbortController();
      const { status, body } = await this.slice(file);
      if (!this.files.includes(file) || batch !== this.batch) return;
      if (status === 200 || (status === 409 && body)) {
        file.received = body.received;
        file.trouble = "";
        pause = FIRST_PAUSE;
        this.mark();
      } else if (status === 404) {
        this.again();
        return;
      } else if (status === 401 || status === 0 || status >= 500) {
        file.trouble = body?.error ?? UNREACHED;
        if (body?.expired) this.renew();
        this.hear();
        await new Promise((done) => setTimeout(done, pause));
        pause = Math.min(2 * pause, LONGEST_PAUSE);
      } else {
        file.state = "failed";
        file.trouble = body?.error ?? UNREACHED;
        break;
      }
    }
    if (file.received >= file.size) file.state = "done";
    this.pump();
  }

  async slice(file) {
    const part = file.blob.slice(file.received, file.received + SLICE);
    try {
      const response = await this.fetch(this.routes.send, {
        method: "POST",
        headers: {
          "Content-Type": "application/octet-stream",
          "X-Whetstone-Token": this.token,
          "X-Whetstone-Batch": this.batch,
          "X-Whetstone-File": String(file.n),
          "X-Whetstone-Offset": String(file.received),
        },
        body: part,
        signal: file.stopping.signal,
      });
      return { status: response.status, body: await response.json().catch(() => null) };
    } catch (error) {
      // What was changed or deleted since it was chosen cannot be read: no repetition helps.
      const lost = error?.name === "NotReadableError" || error?.name === "NotFoundError";
      if (lost || !(await readable(part))) return { status: 400, body: { error: CHANGED } };
      return { status: 0, body: null };
    }
  }

  /** Take files out, also those on their way. */
  async remove(files) {
    this.drop(files);
    this.hear();
    const numbers = files.map((file) => file.n).filter((n) => n !== null);
    if (numbers.length && this.batch) {
      this.removing += 1;
      const { body } = await this.ask("remove", { batch: this.batch, files: numbers });
      this.removing -= 1;
      this.free = body?.free ?? this.free;
    }
    this.pump();
  }

  drop(files) {
    const gone = new Set(files);
    for (const file of files) file.stopping?.abort();
    this.files = this.files.filter((file) => !gone.has(file));
  }

  async ask(name, question) {
    try {
      const response = await this.fetch(this.routes[name], {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ ...question, token: this.token }),
      });
      return { status: response.status, body: await response.json().catch(() => null) };
    } catch {
      return { status: 0, body: null };
    }
  }

  // --- what is shown ----------------------------------------------------------------------

  /** Whether files are still on their way. */
  get busy() {
    return this.files.some((file) => file.state === "waiting" || file.state === "sending");
  }

  get size() {
    return this.files.reduce((sum, file) => sum + file.size, 0);
  }

  get received() {
    return this.files.reduce((sum, file) => sum + file.received, 0);
  }

  mark() {
    const now = this.clock() / 1000;
    this.marks.push([now, this.received]);
    this.marks = this.marks.filter(([at]) => now - at <= WINDOW);
    this.hear();
  }

  /** Return bytes a second over the last seconds, 0 while nothing can be said. */
  get speed() {
    if (this.marks.length < 2) return 0;
    const [[from, first], [to, last]] = [this.marks[0], this.marks.at(-1)];
    return to > from ? Math.max(0, (last - first) / (to - from)) : 0;
  }
}

export const UNREACHED = "The server is out of reach; it goes on once it answers.";
const CHANGED = "The file was changed, moved or deleted since it was chosen: choose it again.";

function stateOf(file) {
  if (file.received >= file.size) return "done";
  return file.blob ? "waiting" : "failed";
}

async function readable(part) {
  try {
    await part.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}
