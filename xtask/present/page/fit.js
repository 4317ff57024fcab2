// Making it fit. The lesson never scrolls: a class cannot. And no code is smaller than a fortieth of the window's height: the
// last row could not read it.
//
// So there is a list of layouts for each phase, from the best to the tightest, and the first one that fits is taken: large
// type, then that of the smallest size, then without the lines around a change, then with all the room there is. A change
// that does not fit then either is to be shown in parts, and a trial says so.

import { at, whatIsDrawn } from "./draw.js";

const LARGE = [2, 1.75, 1.5, 1.3, 1.15];

const sizes = (layout) => [...LARGE, 1].map((size) => ({ ...layout, size }));
const twice = (layout) => [layout, { ...layout, columns: 2 }];

// With the windows beside it.
const BESIDE = [
  ...sizes({ shape: "half", wrap: "no" }),
  { shape: "half", size: 1.15 },
  { shape: "half", size: 1 },
  { shape: "wide", size: 1 },
  { shape: "half", size: 1, context: "none" },
  { shape: "wide", size: 1, context: "none" },
];

const LAYOUTS = {
  question: [...BESIDE, { shape: "half", code: "none" }, { shape: "wide", code: "none" }, { shape: "full", code: "none" }],
  change: [
    ...BESIDE,
    { shape: "full", size: 1 },
    { shape: "full", size: 1, columns: 2 },
    ...twice({ shape: "full", size: 1, context: "none" }),
    ...twice({ shape: "full", size: 1, context: "none", comments: "cut" }),
    ...twice({ shape: "full", size: 1, context: "none", comments: "none" }),
  ],
  // What is to be seen is in the windows: the change makes way for it where it takes all the room.
  run: [...BESIDE, { shape: "half", code: "none" }, { shape: "wide", code: "none" }],
};
LAYOUTS.verdict = LAYOUTS.run;

let fitted = "";

// Takes the first layout that fits. It looks only when something is another one than before.
export function fit(state) {
  const parts = ["change", "questions", "see", "verdict", "error"].map((id) => whatIsDrawn(id) ?? at(id).textContent);
  const head = document.querySelector("header").offsetHeight; // Taller while a countdown runs.
  const key = [innerWidth, innerHeight, head, state.at.phase, state.size, at("error").hidden, ...parts].join();
  document.documentElement.style.setProperty("--factor", state.size);
  if (key === fitted && fits()) return;
  fitted = key;
  const list = at("error").hidden ? LAYOUTS[state.at.phase] : ERRORS;
  const isTaken = list.some((layout) => {
    take(layout);
    return fits();
  });
  document.querySelector("main").dataset.fits = isTaken ? "yes" : "no";
}

// An error stands beside the change, and the change scrolls where it does not fit. The compiler points at things from below: a
// line that wraps would be pointed at wrongly.
const ERRORS = [1.5, 1.3, 1.15, 1].map((size) => ({ shape: "error", size }));

function take({ shape, size = 1, wrap = "yes", context = "some", comments = "all", columns = 1, code = "some" }) {
  Object.assign(document.querySelector("main").dataset, { shape, wrap, context, comments, columns, code });
  document.documentElement.style.setProperty("--size", size);
}

function fits() {
  const isWhole = (it) => it.scrollHeight <= it.clientHeight + 1 && it.scrollWidth <= it.clientWidth + 1;
  const { shape, wrap } = document.querySelector("main").dataset;
  const main = document.querySelector("main");
  if (shape === "error") return [at("error"), at("error-text"), main].every(isWhole);
  const parts = [at("change"), at("lesson"), at("questions"), main];
  if (wrap === "no") parts.push(...document.querySelectorAll("#change code"));
  return parts.every(isWhole);
}
