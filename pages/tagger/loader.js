// What Streamlit runs. It fetches the tagger's modules, once for all of them, and passes on
// every call; Streamlit sends this file at each rerun, the modules come from the cache. The data
// may name another module to begin with: a list of places has one of its own.

const PROBLEM =
  "The tagger could not be loaded: the server did not answer. Nothing is lost; " +
  "check the connection, then try again.";

const TAGGER = "tagger.js";
const frames = new WeakMap();
const fetching = new Map();
let attempt = 0;

export default function load(component) {
  const { parentElement, data } = component;
  const { entry = TAGGER } = data;
  const known = frames.get(parentElement);
  // Where one page follows another, what stood in a place may turn into something else.
  if (known && known.entry !== entry) known.close();
  if (known?.entry !== entry) frames.set(parentElement, new Frame(parentElement, entry));
  const frame = frames.get(parentElement);
  frame.receive(component);
  return () => {
    const last = frames.get(parentElement);
    frames.delete(parentElement);
    last?.close();
  };
}

// Every attempt has an address of its own: browsers remember modules that did not come.
function fetchModules(modules, entry) {
  if (!fetching.has(entry)) fetching.set(entry, attemptTo(modules, entry));
  return fetching.get(entry);
}

async function attemptTo(modules, entry) {
  try {
    return await import(new URL(`${modules}${attempt}/${entry}`, document.baseURI).href);
  } catch (error) {
    attempt += 1;
    fetching.delete(entry);
    throw error;
  }
}

/** The place of one tagger, or list, on the page. */
class Frame {
  constructor(root, entry) {
    this.root = root;
    this.entry = entry;
    this.tagger = null;
    this.problem = null;
    this.leave = null;
    this.closed = false;
  }

  receive(component) {
    this.component = component;
    if (this.tagger) this.leave = this.tagger(component);
    else if (!this.problem) this.open();
  }

  /** Fetch the modules; several calls while they are on their way become one. */
  async open() {
    if (this.opening) return;
    this.opening = true;
    try {
      const { default: tagger } = await fetchModules(this.component.data.modules, this.entry);
      if (this.closed) return;
      this.tagger = tagger;
      this.leave = tagger(this.component);
    } catch (error) {
      if (!this.closed) this.complain(error);
    } finally {
      this.opening = false;
    }
  }

  complain(error) {
    console.warn(error);
    const again = document.createElement("button");
    again.type = "button";
    again.textContent = "Try again";
    again.onclick = () => {
      this.problem.remove();
      this.problem = null;
      this.open();
    };
    this.problem = document.createElement("div");
    this.problem.className = "tagger bar";
    this.problem.setAttribute("role", "alert");
    const words = document.createElement("span");
    words.textContent = PROBLEM;
    this.problem.append(words, again);
    this.root.append(this.problem);
  }

  close() {
    this.closed = true;
    this.problem?.remove();
    this.leave?.();
  }
}
