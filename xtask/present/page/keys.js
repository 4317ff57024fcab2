// The keys, the same in the projector's window and in the speaker's, and the buttons that do what a key does.

import { at } from "./draw.js";
import { send, token } from "./connection.js";

// Does what a clicker's key says, wherever it was pressed.
export function clicked(key) {
  if (CLICKER[key]) CLICKER[key]();
}

const CLICKER = {
  ArrowRight: () => send({ do: "next" }),
  PageDown: () => send({ do: "next" }),
  ArrowLeft: () => send({ do: "back" }),
  PageUp: () => send({ do: "back" }),
};

const LESSON = {
  ...CLICKER,
  " ": () => send({ do: "next" }),
  n: () => send({ do: "next" }),
  b: () => send({ do: "back" }),
  e: () => send({ do: "at-once" }),
  s: () => send({ do: "show-next" }),
  S: () => send({ do: "show-back" }),
  a: () => send({ do: "apply" }),
  r: () => send({ do: "run" }),
  c: () => send({ do: "check" }),
  k: () => send({ do: "pause" }),
  x: () => send({ do: "clear" }),
  "+": () => send({ do: "larger" }),
  "-": () => send({ do: "smaller" }),
  w: () => open(`/speaker#${token()}`, "_blank", "noopener,popup,width=1100,height=760"),
  l: switchColours,
  f: fullScreen,
  "?": () => at("help").showModal(),
};

// Hears the keys of this window. `state` gives the last state; `own` has the keys that only this page knows.
export function hear(state, own = {}) {
  const commands = {
    ...LESSON,
    t: () => timeTheClass(state()),
    ArrowUp: () => setCountdown(state(), 60),
    ArrowDown: () => setCountdown(state(), -60),
    ...own,
  };
  setColours(sessionStorage.getItem("walk-scheme"));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || !state()) return;
    if (at("help").open) {
      if (event.key === "?") at("help").close();
      return;
    }
    // A space presses the button that has the focus.
    if (event.key === " " && event.target.closest("button, summary")) return;
    const isStage = /^[1-9]$/.test(event.key) && Number(event.key) <= state().stages;
    const command = isStage ? () => send({ do: "go", stage: Number(event.key) }) : commands[event.key];
    if (!command) return;
    event.preventDefault();
    command();
  });
  for (const button of document.querySelectorAll("[data-do]")) button.onclick = () => send({ do: button.dataset.do });
  for (const button of document.querySelectorAll("[data-key]")) button.onclick = () => commands[button.dataset.key]();
}

const ASKED = 180; // Seconds, where no question says how long it has.

export function timeTheClass({ countdown, questions, prompts }) {
  const asked = (questions ?? prompts ?? []).find((prompt) => prompt.minutes)?.minutes;
  send({ do: "countdown", seconds: countdown ? 0 : asked ? asked * 60 : ASKED });
}

export function setCountdown({ countdown }, by) {
  const left = countdown ? countdown.left : 0;
  send({ do: "countdown", seconds: Math.max(0, left + by) });
}

export const schemes = new Set(); // Who is told when the colours are others.

export function scheme() {
  const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
  return document.documentElement.dataset.scheme ?? (isDark ? "dark" : "light");
}

function switchColours() {
  setColours(scheme() === "dark" ? "light" : "dark");
}

function setColours(chosen) {
  if (!chosen) return;
  document.documentElement.dataset.scheme = chosen;
  sessionStorage.setItem("walk-scheme", chosen);
  for (const tell of schemes) tell();
}

function fullScreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen().catch(() => {});
}
