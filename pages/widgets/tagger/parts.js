// Small pieces of the page. Text from documents and labels only ever becomes text nodes
// and attributes.

const CIRCLE = "M12 4.5a7.5 7.5 0 100 15 7.5 7.5 0 000-15";
const SHAPES = {
  previous: "M15 5l-7 7 7 7",
  next: "M9 5l7 7-7 7",
  undo: "M8 5L4 9l4 4M4 9h9a6 6 0 010 12H9",
  redo: "M16 5l4 4-4 4M20 9h-9a6 6 0 000 12h4",
  done: "M5 12.5l4.5 4.5L19 7.5",
  skip: "M6 6l7 6-7 6zM17 6v12",
  remove: "M5 7h14M10 7V4.5h4V7M7 7l.8 12.5h8.4L17 7",
  untouched: CIRCLE,
  "in progress": `${CIRCLE}M12 8v4l3 2`,
  skipped: `${CIRCLE}M8 12h8`,
  offline: "M4 4l16 16M7 9a5 5 0 00-.5 10H17M10 6.5A5 5 0 0116 10a4.5 4.5 0 014 7",
  alert: "M12 4L3 19h18zM12 10v4M12 16.5v.5",
};

/** Make an element from properties and children; strings become text. */
export function make(tag, { class: name, ...props } = {}, ...children) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  for (const [key, value] of Object.entries(props)) {
    if (key.startsWith("on")) element[key] = value;
    else if (value !== null && value !== false) element.setAttribute(key, value);
  }
  element.append(...children.filter(Boolean));
  return element;
}

/** Draw an icon; it says nothing to a screen reader. */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", SHAPES[name]);
  svg.append(path);
  return svg;
}

/** Make a button; without a visible caption its name is the tooltip. */
export function button(title, { mark, caption, key, ...props }) {
  const inside = [mark && icon(mark), caption, key && make("kbd", {}, key)];
  return make("button", { type: "button", title, "aria-label": title, ...props }, ...inside);
}

/** Put text into an element only where it differs: live regions speak at every write. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Count something in words: count(1, "change") is "1 change". */
export function count(number, noun) {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}
