// Label colours that stay readable on any theme: everything is mixed in numbers and
// checked against WCAG contrast, whatever colour a label has.

const TEXT_CONTRAST = 4.5;
const LINE_CONTRAST = 3;
const NEUTRAL = [128, 128, 128];

/** Return [r, g, b] of "#rgb", "#rrggbb" or "rgb(…)"; a mid grey for anything else. */
export function parseColor(text) {
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec((text ?? "").trim());
  if (hex) {
    const digits = hex[1].length === 3 ? hex[1].replace(/./g, "$&$&") : hex[1];
    return [0, 2, 4].map((at) => parseInt(digits.slice(at, at + 2), 16));
  }
  const numbers = /^rgba?\(([\d.]+)[, ]+([\d.]+)[, ]+([\d.]+)/.exec((text ?? "").trim());
  return numbers ? numbers.slice(1, 4).map(Number) : NEUTRAL;
}

/** Return the WCAG contrast ratio of two colours. */
export function contrast(a, b) {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

function luminance(color) {
  const [r, g, b] = color.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function mix(from, to, share) {
  return from.map((part, index) => Math.round(part + (to[index] - part) * share));
}

// Walk from one colour to another and stop at the first that passes.
function approach(from, to, passes) {
  for (let share = 0; share < 1; share += 0.05) {
    const color = mix(from, to, share);
    if (passes(color)) return color;
  }
  return to;
}

/** Return a label's tint (behind text), ink (its name) and line, for this theme. */
export function shade(color, theme) {
  const base = parseColor(color);
  const dark = luminance(theme.background) < luminance(theme.text);
  const strongest = mix(theme.background, base, dark ? 0.3 : 0.16);
  const readable = (tint) => contrast(theme.text, tint) >= TEXT_CONTRAST;
  const tint = approach(strongest, theme.background, readable);
  const ink = approach(base, theme.text, (ink) => contrast(ink, tint) >= TEXT_CONTRAST);
  const seen = (line) => contrast(line, theme.background) >= LINE_CONTRAST;
  const line = approach(base, theme.text, seen);
  return { tint: css(tint), ink: css(ink), line: css(line) };
}

/** Return white, or black where white would be hard to read on a colour. */
export function inkOn(color) {
  return contrast([255, 255, 255], color) >= TEXT_CONTRAST ? "white" : "black";
}

/** Read the theme that Streamlit gave the component. */
export function readTheme(element) {
  const style = getComputedStyle(element);
  const read = (name) => parseColor(style.getPropertyValue(`--st-${name}-color`));
  return { background: read("background"), text: read("text"), primary: read("primary") };
}

function css([r, g, b]) {
  return `rgb(${r}, ${g}, ${b})`;
}

/** Return the shades of every label in this theme. */
export function shadeLabels(labels, theme) {
  const shades = labels.map((label) => [label.name, shade(label.color, theme)]);
  // The nameless shade is for spans whose label is no longer in the project.
  return new Map([["", shade("", theme)], ...shades]);
}

/** Give an element a label's colours. */
export function paint(element, shades, label) {
  const { tint, ink, line } = shades.get(label) ?? shades.get("");
  element.style.setProperty("--tint", tint);
  element.style.setProperty("--ink", ink);
  element.style.setProperty("--line", line);
}
