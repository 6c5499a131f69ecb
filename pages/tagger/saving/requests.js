// How the server is asked: to take edits, and for what is more than an edit of one document.
import { scopeOf } from "./localstorage.js";

const PATIENCE = 60_000;
const GLANCE = 30;
const DELIVERY_PATIENCE = 35_000;
// The browser finishes small requests even while the page is being closed.
const KEEPALIVE_LIMIT = 30_000;
const UNREACHED = "the server is out of reach. Try again once it answers.";
const UNDECIDED = "some changes are not saved. Decide about them above the text first.";

/** Post one batch; no network and no answer in time both come back as status 0. */
export async function post(endpoint, batch) {
  const body = JSON.stringify(batch);
  try {
    const response = await fetch(endpoint, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body,
      keepalive: body.length < KEEPALIVE_LIMIT,
      signal: AbortSignal.timeout(DELIVERY_PATIENCE),
    });
    return { status: response.status, body: await response.json().catch(() => null) };
  } catch {
    return { status: 0, body: null };
  }
}

/** Post a question; no network and no answer in time both come back as status 0. */
export async function ask(address, question, signal = null) {
  const patience = AbortSignal.timeout(PATIENCE);
  try {
    const response = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(question),
      signal: signal ? AbortSignal.any([signal, patience]) : patience,
    });
    return { status: response.status, body: await response.json().catch(() => null) };
  } catch {
    return { status: 0, body: null };
  }
}

/** Wait for so many milliseconds. */
export function pause(time) {
  return new Promise((done) => setTimeout(done, time));
}

/** Return in words why an answer is not the one hoped for. */
export function describeFailure({ status, body }) {
  return status ? (body?.error ?? "the server could not do it. Try again.") : UNREACHED;
}

/** Wait until everything edited in a project is on the server; return why it is not, or "". */
export async function delivered(outbox, token) {
  const busy = (lanes) => lanes.some((lane) => lane.busy);
  // What is on its way may fail of what is over by now: then it is sent once more.
  let old = busy([...outbox.lanes.values()]);
  outbox.pumpAll();
  for (;;) {
    const lanes = [...outbox.lanes.values()].filter((lane) => lane.scope === scopeOf(token));
    const waiting = lanes.filter((lane) => lane.entries.length);
    if (!waiting.length) return "";
    if (waiting.some((lane) => lane.halt)) return UNDECIDED;
    if (outbox.trouble && !busy(waiting)) {
      if (!old) return UNREACHED;
      old = false;
      outbox.pumpAll();
    }
    await pause(GLANCE);
  }
}
