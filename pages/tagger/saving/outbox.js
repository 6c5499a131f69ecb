// What has been edited here and not yet acknowledged. An operation is written to
// localStorage before it is posted and removed once the server has it; nothing else
// may remove one but the person's own choice.

import { claimClient, cutSeals, openStorage, PREFIX } from "./localstorage.js";
import { readKept, scopeOf, sortByVisit } from "./localstorage.js";
import { post } from "./requests.js";

const BASE_PREFIX = "whetstone:base:";
const BATCH = 100;
const SLOWEST_RETRY = 10_000;
// So often one token is refused before the person is asked: a busy page runs again late.
const MOST_REFUSALS = 5;

/** Return 32 random hex digits; crypto.randomUUID is absent on plain-http addresses. */
export function makeId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Deliver operations in order, one request at a time for each document. */
export class Outbox {
  /** `on` hears changed(), adopted(), taken(lane, entries), saved(lane, answer) and
   *  refused(lane, reason, state). */
  constructor({ storage = openStorage(), send = post, claim = claimClient, on = {} } = {}) {
    this.client = makeId();
    this.seq = 0;
    this.lanes = new Map();
    this.savedAt = null;
    this.trouble = "";
    this.storage = storage;
    this.send = send;
    this.claim = claim;
    this.claimed = new Set([this.client]);
    this.permission = null;
    this.on = on;
    cutSeals(storage);
    claim(this.client, () => {});
  }

  /** Return the lane of a document: its waiting entries and what stops them, if anything. */
  lane({ token, document, endpoint }) {
    const scope = scopeOf(token);
    const key = `${document}|${scope}`;
    if (!this.lanes.has(key)) {
      const idle = { entries: [], busy: false, wait: 0, timer: 0, halt: null };
      const fresh = { ...idle, taken: [], lean: true, based: true, refused: [] };
      const known = this.permission?.scope === scope ? this.permission.token : token;
      this.lanes.set(key, { key, scope, token: known, document, endpoint, ...fresh });
    }
    return this.lanes.get(key);
  }

  /** Take the newest token that the page gave out, and where old ones are renewed. */
  trust(token, renewal) {
    const scope = scopeOf(token);
    this.permission = { scope, token, renewal };
    for (const lane of this.lanes.values()) {
      if (lane.scope !== scope || lane.token === token) continue;
      lane.token = token;
      if (lane.refused.length) this.pump(lane);
    }
  }

  /** Keep an operation and send it; return the name by which the journal will know it. */
  push(lane, operation) {
    const author = this.#enqueue(lane, operation);
    this.pump(lane);
    return author;
  }

  /** Return the name of the next operation, before it is pushed. */
  nextAuthor() {
    return `${this.client}:${this.seq + 1}`;
  }

  #enqueue(lane, operation) {
    this.seq += 1;
    const op = { ...operation, seq: this.seq, at: new Date().toISOString() };
    const entry = { client: this.client, op, kept: false };
    entry.kept = this.#keep(lane, entry);
    lane.entries.push(entry);
    return `${this.client}:${this.seq}`;
  }

  #keep(lane, { client, op }) {
    const { endpoint, token, document } = lane;
    const kept = JSON.stringify({ endpoint, token, document, op });
    try {
      this.storage.setItem(`${PREFIX}${client}:${document}:${op.seq}`, kept);
      return true;
    } catch {
      // Full or forbidden: summary() tells the person to stay on the page.
      return false;
    }
  }

  #forget(lane, entries) {
    const gone = new Set(entries);
    lane.entries = lane.entries.filter((entry) => !gone.has(entry));
    for (const { client, op, kept } of entries) {
      if (kept) this.storage.removeItem(`${PREFIX}${client}:${lane.document}:${op.seq}`);
    }
    if (!lane.entries.length && lane.based) this.#dropBase(lane);
  }

  // What the first waiting operation was made on, so that after a reload two versions can
  // still be compared. Not while all goes well: it is as large as the document's spans.
  #keepBase(lane) {
    const base = lane.origin?.();
    if (!base || base.revision !== lane.entries[0]?.op.base_revision) return;
    try {
      this.storage.setItem(BASE_PREFIX + lane.key, JSON.stringify(base));
      lane.based = true;
    } catch {
      // Without it the person sees what waits here, but not what the others changed.
      lane.based = false;
    }
  }

  #dropBase(lane) {
    this.storage?.removeItem(BASE_PREFIX + lane.key);
    lane.based = false;
  }

  /** Return what was kept of the state on which a lane's first operation was made, or null. */
  base(lane) {
    const kept = this.storage?.getItem(BASE_PREFIX + lane.key);
    const base = kept ? JSON.parse(kept) : null;
    return base?.revision === lane.entries[0]?.op.base_revision ? base : null;
  }

  /** Take up what earlier page loads left behind, once their pages are gone. */
  adopt() {
    for (const client of new Set(readKept(this.storage).map((kept) => kept.client))) {
      if (this.claimed.has(client)) continue;
      this.claimed.add(client);
      this.claim(client, () => this.#takeOver(client));
    }
  }

  #takeOver(client) {
    const left = readKept(this.storage).filter((kept) => kept.client === client);
    for (const { op, ...place } of left.sort((a, b) => a.op.seq - b.op.seq)) {
      const lane = this.lane(place);
      lane.entries.push({ client, op, kept: true });
      sortByVisit(lane.entries);
      // What conflicted may only have come before that on which it was made.
      if (lane.halt?.kind === "conflict") lane.halt = null;
    }
    this.on.adopted?.();
    this.pumpAll();
  }

  /** Try every lane now, whatever its back-off says. */
  pumpAll() {
    for (const lane of this.lanes.values()) {
      lane.wait = 0;
      this.pump(lane);
    }
    this.on.changed?.();
  }

  /** Post the first operations of a lane unless a request is under way or it is halted. */
  async pump(lane) {
    clearTimeout(lane.timer);
    if (lane.busy || lane.halt || !lane.entries.length) return;
    const { client } = lane.entries[0];
    const other = lane.entries.findIndex((entry) => entry.client !== client);
    const batch = lane.entries.slice(0, Math.min(BATCH, other < 0 ? BATCH : other));
    lane.busy = true;
    const { token, document } = lane;
    const operations = batch.map((entry) => entry.op);
    const request = { token, document, client, operations, lean: lane.lean };
    const answer = await this.send(lane.endpoint, request);
    lane.busy = false;
    this.#settle(lane, batch, answer);
  }

  #settle(lane, batch, { status, body }) {
    const settled = new Map((body?.results ?? []).map((result) => [result.seq, result.status]));
    const having = (...names) => batch.filter(({ op }) => names.includes(settled.get(op.seq)));
    const taken = having("saved", "duplicate");
    const overtaken = lane.entries[0] !== batch[0];
    this.#forget(lane, taken);
    if (taken.length) this.#take(lane, taken, body.results);
    if (status === 200 && taken.length) this.#saved(lane, body);
    // An earlier visit's edits were found meanwhile: they go first, then these again.
    else if (status === 409 && overtaken) this.pump(lane);
    else if (status === 409 && body?.state) this.#stop(lane, "conflict", body);
    else if (status === 422 && body?.state) this.#refuse(lane, having("refused"), body);
    else if (status === 401) this.#renewToken(lane, body);
    else if (status === 403) this.#stop(lane, "denied", body);
    // Too many at once are asked to come again.
    else if (status >= 400 && status < 500 && status !== 429) this.#stop(lane, "rejected", body);
    else this.#retry(lane, status);
    this.on.changed?.();
  }

  // A document that is being opened may have been read just before these were stored.
  #take(lane, entries, results) {
    const numbers = new Map(results.map(({ seq, n }) => [seq, n]));
    const taken = entries.map(({ client, op }) => ({ client, op, n: numbers.get(op.seq) }));
    this.savedAt = new Date();
    lane.taken = [...lane.taken, ...taken].slice(-BATCH);
    this.on.taken?.(lane, taken);
  }

  // The page gives out a new token by running again; that of another project, or of another
  // annotator, is renewed by the server. Where that does not help the person decides.
  async #renewToken(lane, body) {
    const { permission } = this;
    lane.refused.push(lane.token);
    const late = lane.refused.length > MOST_REFUSALS;
    const renewedInVain = new Set(lane.refused).size > 1;
    if (!permission || renewedInVain || late) return this.#stop(lane, "denied", body);
    if (permission.scope === lane.scope) return this.#awaitToken(lane);
    lane.busy = true;
    const question = { token: permission.token, stale: lane.token };
    const answer = await this.send(permission.renewal, question);
    lane.busy = false;
    const renewed = answer.body?.token;
    if (renewed) lane.token = renewed;
    if (renewed) this.pump(lane);
    else if (answer.status === 401 && !answer.body?.expired) this.#stop(lane, "denied", body);
    else this.#awaitToken(lane, answer.status);
    return this.on.changed?.();
  }

  #awaitToken(lane, status = 401) {
    if (lane.scope !== this.permission.scope) lane.refused = [];
    if (status === 401) this.on.expired?.();
    this.#retry(lane, status);
  }

  #saved(lane, body) {
    this.trouble = "";
    lane.refused = [];
    lane.wait = 0;
    this.on.saved?.(lane, body);
    this.pump(lane);
  }

  #stop(lane, kind, body) {
    this.trouble = "";
    lane.halt = { kind, error: body?.error ?? "", state: body?.state ?? null };
    if (kind === "conflict") this.#keepBase(lane);
  }

  #refuse(lane, refused, body) {
    this.trouble = "";
    this.#forget(lane, refused);
    this.reissue(lane, body.state.revision);
    const result = body.results.find(({ status }) => status === "refused");
    this.on.refused?.(lane, result?.reason ?? body.error ?? "", body.state);
  }

  #retry(lane, status) {
    this.trouble = status ? "busy" : "offline";
    this.#keepBase(lane);
    lane.wait = Math.min(lane.wait ? lane.wait * 2 : 1000, SLOWEST_RETRY);
    lane.timer = setTimeout(() => this.pump(lane), lane.wait);
  }

  /** Send what waits in a lane again on top of a revision. */
  reissue(lane, revision) {
    const renamed = new Map();
    this.#renew(lane, (waiting) => {
      for (const { client, op } of waiting) {
        const fresh = { ...op, base_revision: revision + lane.entries.length };
        if (renamed.has(op.undoes)) fresh.undoes = renamed.get(op.undoes);
        if (renamed.has(op.redoes)) fresh.redoes = renamed.get(op.redoes);
        renamed.set(`${client}:${op.seq}`, this.#enqueue(lane, fresh));
      }
    });
  }

  /** Send other operations on top of a revision, in the place of what waits in a lane. */
  replace(lane, revision, operations) {
    this.#renew(lane, () => {
      operations.forEach((op, index) => {
        this.#enqueue(lane, { ...op, base_revision: revision + index });
      });
    });
    this.on.changed?.();
  }

  // The old copies go last: a crash between the two repeats an edit, it loses none.
  #renew(lane, fill) {
    const waiting = lane.entries;
    lane.halt = null;
    lane.entries = [];
    fill(waiting);
    this.#forget(lane, waiting);
    this.pump(lane);
  }

  /** Drop what waits in a lane, because the person said so. */
  discard(lane) {
    this.#forget(lane, lane.entries);
    lane.halt = null;
    this.on.changed?.();
  }

  /** Return what the save line shows: counts, trouble, and the last acknowledgement. */
  summary() {
    const lanes = [...this.lanes.values()];
    const waiting = lanes.filter((lane) => !lane.halt).flatMap((lane) => lane.entries);
    const halted = lanes.filter((lane) => lane.halt && lane.entries.length);
    const loose = lanes.flatMap((lane) => lane.entries).filter((entry) => !entry.kept).length;
    const { trouble, savedAt } = this;
    return { waiting: waiting.length, halted, loose, trouble, savedAt };
  }
}
