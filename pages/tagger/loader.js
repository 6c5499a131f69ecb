// What Streamlit runs. It fetches the tagger's modules, once for all of them, and passes on
// every call; Streamlit sends this file at each rerun, the modules come from the cache.

const PROBLEM =
  "The tagger could not be loaded: the server did not answer. Nothing is lost; " +
  "check the connection, then try again.";

const frames = new WeakMap();
let attempt = 0;
let fetching = null;

export default function load(component) {
  const { parentElement } = component;
  if (!frames.has(parentElement)) frames.set(parentElement, new Frame(parentElement));
  const frame = frames.get(parentElement);
  frame.receive(component);
  return () => {
    frames.delete(parentElement);
    frame.close();
  };
}

// Every attempt has an address of its own: browsers remember modules that did not come.
function fetchTagger(address) {
  fetching ??= import(new URL(`${address}${attempt}/tagger.js`, document.baseURI).href).catch(
    (error) => {
      attempt += 1;
      fetching = null;
      throw error;
    },
  );
  return fetching;
}

/** The place of one tagger on the page. */
class Frame {
  constructor(root) {
    this.root = root;
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
      const { default: tagger } = await fetchTagger(this.component.data.modules);
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
