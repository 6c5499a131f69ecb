// The one outbox of this page load. It outlives the tagger: leaving the Tag page does not stop a
// delivery, and what is edited in a list goes the same way.
import { Outbox } from "./outbox.js";

export const outbox = new Outbox();

addEventListener("online", () => outbox.pumpAll());
addEventListener("beforeunload", (event) => {
  // What is kept in localStorage survives the page; only the rest needs a warning.
  if (outbox.summary().loose) event.preventDefault();
});
