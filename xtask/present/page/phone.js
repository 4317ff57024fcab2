// A telephone in the room: it drives the phases, gives the class its time, and shows the notes. More it is not even let.

import { at, drawClock, drawCountdown, notes, minutes, phases, plain, redraw, verdict, write } from "./draw.js";
import { connect, send } from "./connection.js";

let state = null;
let stateCame = 0;

function received(message) {
  state = message;
  stateCame = performance.now();
  const { step, at: place, upcoming } = state;
  write(at("step"), `Step ${step.number} · ${step.title} · stage ${place.stage} of ${state.stages}`);
  write(at("title"), state.title);
  document.title = `${place.stage}. ${plain(state.title)} – speaker`;
  redraw("phases", [place, state.phases, state.parts], () => phases(state));
  redraw("notes", state.prompts, () => notes(state.prompts));
  write(at("see"), state.see, "See: ");
  redraw("verdict", state.announced, () => verdict(state));
  write(at("upcoming"), upcoming ? `${upcoming.title} (${minutes(upcoming.minutes)})` : "this is the last stage.", "Next: ");
  at("time").textContent = state.countdown ? "End the time" : "Time the class";
  drawStatus();
  drawTimes();
}

function drawStatus() {
  const builds = ["building", "starting"].includes(state.app) ? "Building …" : "";
  const kept = state.kept ? `Building …, then ${state.kept}` : builds;
  write(at("status"), state.trouble ?? kept);
}

function notice({ text }) {
  write(at("status"), text);
}

function drawTimes() {
  if (!state) return;
  const since = (performance.now() - stateCame) / 1000;
  drawCountdown(state, since);
  drawClock(state, since);
}

const left = () => Math.max(0, (state?.countdown?.left ?? 0) - Math.floor((performance.now() - stateCame) / 1000));
const asked = () => (state?.prompts.find((prompt) => prompt.minutes)?.minutes ?? 3) * 60;

function begin() {
  at("next").onclick = () => send({ do: "next" });
  at("back").onclick = () => send({ do: "back" });
  at("time").onclick = () => send({ do: "countdown", seconds: state?.countdown ? 0 : asked() });
  at("more").onclick = () => send({ do: "countdown", seconds: left() + 60 });
  at("less").onclick = () => send({ do: "countdown", seconds: Math.max(0, left() - 60) });
  setInterval(drawTimes, 250);
  connect("/views", { state: received, notice });
}

begin();
