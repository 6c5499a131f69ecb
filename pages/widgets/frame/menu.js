// A click on the menu is given again where it was lost. Streamlit runs the page that the newest
// message names, and what asks by itself (a part that renews itself, the tagger) names the page
// that the browser is still on: between a click and the coming of its page that takes it back.

const LINKS = '[data-testid="stSidebarNavLink"], [data-testid="stPageLink-NavLink"]';
const PATIENCE = 1500;
const TIMES = 5;

const pathOf = (link) => new URL(link.href, document.baseURI).pathname;
const isPlain = ({ button, ctrlKey, metaKey, shiftKey, altKey }) =>
  !(button || ctrlKey || metaKey || shiftKey || altKey);

/** Sees to it that the page of the last click on a link comes. */
class Way {
  constructor() {
    document.addEventListener("click", (event) => this.hear(event), { capture: true });
    addEventListener("popstate", () => clearTimeout(this.timer));
  }

  // Whatever else is clicked means that the person has gone on.
  hear(event) {
    if (!event.isTrusted) return;
    clearTimeout(this.timer);
    const link = event.target.closest?.(LINKS);
    if (link?.href && !link.target && isPlain(event)) this.wait(pathOf(link), TIMES);
  }

  wait(path, times) {
    if (times) this.timer = setTimeout(() => this.repeat(path, times), PATIENCE);
  }

  repeat(path, times) {
    if (location.pathname === path) return;
    const link = [...document.querySelectorAll(LINKS)].find((each) => pathOf(each) === path);
    link?.click();
    this.wait(path, times - 1);
  }
}

let way = null;

export default function keepWay() {
  way ??= new Way();
}
