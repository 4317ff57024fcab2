// The two live windows. Each is a frame with an edge of ours, and the app's page is in that.

import { at, write } from "./draw.js";
import { clicked, scheme, schemes } from "./keys.js";

// The room of a small window, in pixels: a page is shown as if it had at least that, and made smaller or larger. Step 10
// fits into the first height; `z` gives a longer page more, and makes it smaller.
const WIDTH = 400;
const HEIGHTS = [480, 640, 820];
let height = Number(sessionStorage.getItem("walk-height")) || HEIGHTS[0];

const panes = [...document.querySelectorAll(".pane")];
const frameOf = (pane) => pane.querySelector("iframe");
let loaded = null; // Which addresses and which generation the panes show.
let state = null;

export function drawPanes(now) {
  state = now;
  const { live } = state;
  const key = live.answers ? `${live.generation} ${state.panes.left} ${state.panes.right}` : "nothing";
  if (key !== loaded) {
    loaded = key;
    for (const pane of panes) loadPane(pane);
    scalePanes();
  }
  drawSilence();
}

// The edge is loaded once, and the app's page in it whenever there is a new one. The generation stands in the address, for the
// browser would show the page that it has: a file that was not touched for long, it does not ask for again.
function loadPane(pane) {
  const origin = state.panes[pane.dataset.window];
  const frame = frameOf(pane);
  frame.hidden = !state.live.answers;
  if (frame.hidden) return;
  pane.dataset.address = `${origin}?${state.live.generation}`;
  const edge = `${origin}walk-pane`;
  if (frame.src === edge) toEdge(pane, { load: pane.dataset.address });
  else frame.src = edge;
}

function toEdge(pane, message) {
  if (state) frameOf(pane).contentWindow.postMessage(message, new URL(state.panes[pane.dataset.window]).origin);
}

// Only an edge of ours may say something, and of keys only those of a clicker.
function heard(event) {
  const pane = panes.find((pane) => frameOf(pane).contentWindow === event.source);
  const message = event.data?.pane;
  if (!pane || !message || !state || event.origin !== new URL(state.panes[pane.dataset.window]).origin) return;
  if (message.ready) toEdge(pane, { load: pane.dataset.address, scheme: scheme() });
  if (message.key) clicked(message.key);
  if (message.quiet && pane === holder()) takeKeyboard();
}

// A calm sentence in place of a page that is not there yet.
function drawSilence() {
  const soon = "Nothing answers yet. The window comes when the program runs.";
  for (const pane of panes) {
    const silent = pane.querySelector(".silent");
    silent.hidden = state.live.answers;
    write(silent, state.error ? "Nothing answers: the program has an error." : soon);
  }
}

function scalePanes() {
  for (const pane of panes) {
    const { clientWidth, clientHeight } = pane.querySelector(".screen");
    const scale = Math.min(clientWidth / WIDTH, clientHeight / height);
    if (!(scale > 0)) continue;
    const { style } = frameOf(pane);
    style.width = `${clientWidth / scale}px`;
    style.height = `${clientHeight / scale}px`;
    style.transform = `scale(${scale})`;
  }
}

export function changeHeight() {
  height = HEIGHTS[(HEIGHTS.indexOf(height) + 1) % HEIGHTS.length];
  sessionStorage.setItem("walk-height", height);
  scalePanes();
}

const holder = () => (document.hasFocus() ? panes.find((pane) => pane.contains(document.activeElement)) : null);

// Whose keys these are is always to be seen.
function drawKeyboard() {
  const pane = holder();
  for (const each of panes) each.classList.toggle("has-keyboard", each === pane);
  at("keyboard").classList.toggle("is-elsewhere", Boolean(pane));
  const where = pane?.dataset.window;
  write(at("keyboard"), pane ? `Keys: the ${where} window’s. A clicker’s work all the same.` : "Keys: the presenter’s");
}

function takeKeyboard() {
  window.focus();
  at("title").focus();
  drawKeyboard();
}

export function beginPanes() {
  addEventListener("message", heard);
  at("keyboard").onclick = takeKeyboard;
  schemes.add(() => panes.forEach((pane) => toEdge(pane, { scheme: scheme() })));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => panes.forEach((pane) => toEdge(pane, { scheme: scheme() })));
  // The window has the focus a moment before the part of it that gets it.
  for (const event of ["focus", "blur"]) addEventListener(event, () => setTimeout(drawKeyboard));
  // From one pane to the other the keyboard goes without an event.
  setInterval(drawKeyboard, 200);
  const watch = new ResizeObserver(scalePanes);
  for (const pane of panes) watch.observe(pane.querySelector(".screen"));
}
