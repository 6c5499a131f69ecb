// What the loader calls: once when a list appears and again at every rerun.
import { outbox } from "../saving/shared.js";
import { Walk } from "./walk.js";

/** Return what the loader calls for a kind of list. */
export function starting(Kind) {
  const walks = new WeakMap();
  return (component) => {
    const { parentElement } = component;
    if (!walks.has(parentElement)) walks.set(parentElement, new Kind(parentElement, outbox));
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
  };
}

export default starting(Walk);
