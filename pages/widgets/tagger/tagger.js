// What the loader calls: once when the tagger appears and again at every rerun.
import { Desk } from "./desk.js";
import { Outbox } from "./outbox.js";

// The outbox outlives the tagger: leaving the Tag page does not stop a delivery.
const outbox = new Outbox();
const desks = new WeakMap();

addEventListener("online", () => outbox.pumpAll());
addEventListener("beforeunload", (event) => {
  // What is kept in localStorage survives the page; only the rest needs a warning.
  if (outbox.summary().loose) event.preventDefault();
});

export default function tagger(component) {
  const { parentElement } = component;
  if (!desks.has(parentElement)) desks.set(parentElement, new Desk(parentElement, outbox));
  const desk = desks.get(parentElement);
  const listener = desk.listener();
  outbox.on = listener;
  desk.receive(component);
  return () => {
    // Another tagger may have come before this one goes.
    if (outbox.on === listener) outbox.on = {};
    desk.close();
    desks.delete(parentElement);
  };
}
