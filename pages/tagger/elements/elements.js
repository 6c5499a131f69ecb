// Small pieces of the page. Text from documents and labels only ever becomes text nodes
// and attributes.

// Made once: making one takes longer than everything else in a redraw.
const NUMBERS = new Intl.NumberFormat("en");
const CIRCLE = "M12 4.5a7.5 7.5 0 100 15 7.5 7.5 0 000-15";
const SHAPES = {
  previous: "M15 5l-7 7 7 7",
  next: "M9 5l7 7-7 7",
  undo: "M8 5L4 9l4 4M4 9h9a6 6 0 010 12H9",
  redo: "M16 5l4 4-4 4M20 9h-9a6 6 0 000 12h4",
  done: "M5 12.5l4.5 4.5L19 7.5",
  skip: "M6 6l7 6-7 6zM17 6v12",
  flag: "M6 21V4M6 5c4-3 7 2 12-.5v9c-5 2.5-8-2.5-12 .5",
  comment: "M5 5h14v10h-8l-4 4v-4H5z",
  talk: "M3.5 4.5h11v7.5h-6l-3 3v-3h-2zM9 15v1.5h7l3 3v-3h1.5V9H18",
  guide: "M12 7c-2-2-5-2-8-1.5v13c3-.5 6-.5 8 1.5 2-2 5-2 8-1.5v-13c-3-.5-6-.5-8 1.5zM12 7v13",
  find: "M10.5 4.5a6 6 0 100 12 6 6 0 000-12M15 15l5 5",
  close: "M6 6l12 12M18 6L6 18",
  remove: "M5 7h14M10 7V4.5h4V7M7 7l.8 12.5h8.4L17 7",
  untouched: CIRCLE,
  "in progress": `${CIRCLE}M12 8v4l3 2`,
  skipped: `${CIRCLE}M8 12h8`,
  offline: "M4 4l16 16M7 9a5 5 0 00-.5 10H17M10 6.5A5 5 0 0116 10a4.5 4.5 0 014 7",
  open: "M13 5h6v6M19 5l-9 9M17 14v5H5V7h5",
  seen: "M3 12c3-5 6-7 9-7s6 2 9 7c-3 5-6 7-9 7s-6-2-9-7M12 9a3 3 0 100 6 3 3 0 000-6",
  drop: "M12 4v10M8 10.5l4 4 4-4M4.5 15v4.5h15V15",
  file: "M7 3.5h7l4 4v13H7zM14 3.5v4h4",
  folder: "M3.5 6h6l2 2.5h9V19h-17z",
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

/** Return a share in whole hundredths: points(0.934) is 93. */
export function points(share) {
  return Math.round(share * 100);
}

/** Return a share in percent: percent(0.934) is "93 %". */
export function percent(share) {
  return `${points(share)} %`;
}

/** Count something in words: count(1, "change") is "1 change". */
export function count(number, noun) {
  return `${NUMBERS.format(number)} ${noun}${number === 1 ? "" : "s"}`;
}
