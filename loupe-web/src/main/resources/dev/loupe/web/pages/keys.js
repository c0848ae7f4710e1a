// Keys, first of all. Single letters can be switched off, and are never taken from somebody who is typing.
import { settings } from "./settings.js";

const layers = [];
let sequence = "";

/** Adds keys {key: [what it does, function]}; gives what removes them. Later ones win. */
export function addKeys(keys) {
  layers.push(keys);
  return () => layers.splice(layers.indexOf(keys), 1);
}

/** All keys that work now, for the help: [[key, what it does]]. */
export function currentKeys() {
  const all = new Map();
  for (const layer of layers) for (const [key, [what]] of Object.entries(typeof layer === "function" ? layer() : layer)) all.set(key, what);
  return [...all];
}

function find(key) {
  for (let i = layers.length - 1; i >= 0; i--) {
    const layer = typeof layers[i] === "function" ? layers[i]() : layers[i];
    if (layer[key]) return layer[key][1];
  }
  return null;
}

const typing = (node) => node instanceof HTMLElement && (node.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(node.tagName));

export function startKeys() {
  addEventListener("keydown", (event) => {
    if (event.isComposing || event.defaultPrevented) return;
    const mod = event.metaKey || event.ctrlKey;
    if (mod && event.key.toLowerCase() === "k") return run(find("mod+k"), event);
    if (mod || event.altKey || typing(event.composedPath()[0]) || document.querySelector("dialog[open]")) return;
    if (!settings().keys && event.key !== "Escape") return;
    const pair = sequence + event.key;
    sequence = "";
    if (pair.length === 2 && find(pair[0] + " " + pair[1])) return run(find(pair[0] + " " + pair[1]), event);
    const action = find(event.key);
    if (action) return run(action, event);
    if (event.key === "g") sequence = "g";
  });
}

function run(action, event) {
  if (!action) return;
  event.preventDefault();
  action(event);
}
