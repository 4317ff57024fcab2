// The projector's page. It holds nothing of its own but what one window needs; all else is the program's, and what is not yet to
// be seen is not even sent here.

import { at, drawCountdown, element, minutes, phases, plain, redraw, verdict, words, write } from "./draw.js";
import { connect } from "./connection.js";
import { files } from "./code.js";
import { fit } from "./fit.js";
import { hear } from "./keys.js";
import { beginPanes, changeHeight, drawPanes } from "./panes.js";
import { beginWire, framesCame } from "./wire.js";

let state = null;
let stateCame = 0; // When it came, by this page's clock: a countdown runs on from there.

function received(message) {
  state = message;
  stateCame = performance.now();
  draw();
}

function draw() {
  const { step, at: place, stages, title } = state;
  write(at("step"), `Step ${step.number} · ${step.title}`);
  write(at("title"), title ? `${place.stage}. ${title}` : `Stage ${place.stage} of ${stages}: a question first`);
  document.title = `${place.stage}. ${title ? plain(title) : "A question"} – ${step.name}`;
  redraw("phases", [place, state.phases, state.parts], () => phases(state));
  redraw("questions", state.questions, () => state.questions.map(question));
  at("questions").hidden = !state.questions.length;
  const isNow = place.phase === "question";
  redraw("change", [place.stage, place.part, state.code], () => (state.code.length ? [caption(isNow), files(state.code)] : []));
  at("change").setAttribute("aria-label", isNow ? "The code as it is" : "The change");
  at("outcome").hidden = !state.see;
  write(at("see"), state.see ?? "", "See: ");
  redraw("verdict", [state.announced, state.check], () => (state.announced ? verdict(state) : []));
  drawError();
  drawStatus();
  drawTimes();
  drawPanes(state);
  Object.assign(document.body.dataset, place);
  fit(state);
}

const caption = (isNow) => element("p", "caption", isNow ? "The code as it is now" : "");

function question(it) {
  const time = it.minutes ? [element("small", "", ` ${minutes(it.minutes)}`)] : [];
  return element("p", "", ...words(it.text), ...time);
}

function drawError() {
  const { error } = state;
  at("error").hidden = !error;
  write(at("error-title"), error?.title ?? "");
  write(at("error-why"), error?.why ?? "");
  write(at("error-line"), error?.line ?? "");
  if (at("error-text").textContent !== (error?.text ?? "")) at("error-text").textContent = error?.text ?? "";
  at("error-text").hidden = !error?.text;
}

function drawStatus() {
  const says = {
    building: "Building …",
    starting: "Starting …",
    running: state.live.is_old ? "Running, older than the files" : "Running",
    failed: state.live.answers ? "Does not run. The windows show the last one that ran." : "Does not run.",
    crashed: "The program has crashed.",
    stopped: "No program runs.",
  }[state.app];
  write(at("status"), says);
  at("status").classList.toggle("working", ["building", "starting"].includes(state.app));
  at("status").classList.toggle("is-wrong", ["failed", "crashed"].includes(state.app));
  const kept = { next: "Next", back: "Back", go: "The stage", apply: "The stage" }[state.kept];
  write(at("kept"), kept ? `${kept} comes when the build ends.` : "");
}

function drawTimes() {
  if (state) drawCountdown(state, (performance.now() - stateCame) / 1000);
}

function begin() {
  hear(() => state, { z: changeHeight });
  beginPanes();
  beginWire();
  setInterval(drawTimes, 250);
  const again = () => state && fit(state);
  addEventListener("resize", again);
  new ResizeObserver(again).observe(at("change"));
  connect("/views", { state: received, frames: framesCame });
}

begin();
