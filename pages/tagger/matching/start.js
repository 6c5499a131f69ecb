// What the loader calls: once when a list of answers appears and again at every rerun.
import { Answers } from "./answers.js";

const lists = new WeakMap();

export default function start(component) {
  const { parentElement } = component;
  if (!lists.has(parentElement)) lists.set(parentElement, new Answers(parentElement));
  const list = lists.get(parentElement);
  list.receive(component);
  return () => {
    list.close();
    lists.delete(parentElement);
  };
}
