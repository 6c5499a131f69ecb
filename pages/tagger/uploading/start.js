// What the loader calls: once when the drop zone appears and again at every rerun.
import { Zone } from "./zone.js";

const zones = new WeakMap();

export default function start(component) {
  const { parentElement } = component;
  if (!zones.has(parentElement)) zones.set(parentElement, new Zone(parentElement, component));
  const zone = zones.get(parentElement);
  zone.receive(component);
  return () => {
    zone.close();
    zones.delete(parentElement);
  };
}
