// What the loader calls: once when a list appears and again at every rerun.
import { outbox } from "../saving/shared.js";
import { Walk } from "./walk.js";

const walks = new WeakMap();

export default function start(component) {
  const { parentElement } = component;
  if (!walks.has(parentElement)) walks.set(parentElement, new Walk(parentElement, outbox));
  const walk = walks.get(parentElement);
  const listener = walk.listener();
  outbox.on = listener;
  walk.receive(component);
  return () => {
    // Another list or the tagger may have come before this one goes.
    if (outbox.on === listener) outbox.on = {};
    walk.close();
    walks.delete(parentElement);
  };
}
