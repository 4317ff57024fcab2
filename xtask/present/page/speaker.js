// The speaker's page: all that there is to know, and what only the instructor may see.

import { at, drawClock, drawCountdown, element, minutes, notes, phases, plain, redraw, verdict, write } from "./draw.js";
import { connect, send } from "./connection.js";
import { files } from "./code.js";
import { hear } from "./keys.js";

let state = null;
let stateCame = 0; // When it came, by this page's clock: the times run on from there.

function received(message) {
  state = message;
  stateCame = performance.now();
  draw();
}

function draw() {
  const { step, at: place } = state;
  write(at("step"), `Step ${step.number} · ${step.title}`);
  write(at("title"), `${place.stage}. ${state.title}`);
  document.title = `${place.stage}. ${plain(state.title)} – ${step.name} – speaker`;
  redraw("stages", [state.all_stages, place.stage, state.written], stageButtons);
  redraw("phases", [place, state.phases, state.parts], () => phases(state));
  redraw("notes", state.prompts, () => notes(state.prompts));
  redraw("change", [place.stage, state.code], () => [files(state.code)]);
  write(at("see"), state.see, "See: ");
  redraw("verdict", [state.announced, state.check], () => verdict(state));
  const { upcoming } = state;
  write(at("upcoming"), upcoming ? `${upcoming.title} (${minutes(upcoming.minutes)})` : "this is the last stage.", "Next: ");
  at("at-once").setAttribute("aria-pressed", String(state.is_at_once));
  at("pause").textContent = state.clock.is_paused ? "Go on" : "Pause";
  drawGap();
  drawError();
  drawStatus();
  drawPhone();
  drawSchedule();
  drawTimes();
}

function stageButtons() {
  return state.all_stages.map((stage) => {
    const isWritten = stage.number === state.written;
    const button = element("button", "", String(stage.number));
    button.type = "button";
    button.title = `${plain(stage.title)} (${minutes(stage.minutes)})`;
    // It begins with what is seen: so who speaks to the computer can say that.
    button.setAttribute("aria-label", `${stage.number}${isWritten ? " written" : ""}: ${plain(stage.title)}`);
    if (isWritten) button.append(element("small", "", " written"));
    if (stage.number === state.at.stage) button.setAttribute("aria-current", "step");
    button.onclick = () => send({ do: "go", stage: stage.number });
    return button;
  });
}

function drawGap() {
  const { gap } = state;
  write(at("gap-words"), gap.words, "Your files: ");
  at("gap").classList.toggle("closed", gap.closed);
  at("gap").querySelector("button").hidden = gap.closed;
  const line = (file, place) => element("li", "", `${file.file}:${place.line}  ${place.text.trim()}`);
  redraw("missing", gap.files, () => gap.files.flatMap((file) => file.missing.map((place) => line(file, place))));
}

function drawError() {
  const { error } = state;
  at("error").hidden = !error;
  write(at("error-title"), error?.title ?? "");
  write(at("error-place"), error?.place ?? "");
  write(at("error-why"), error?.why ?? "");
  write(at("error-next"), error?.next ?? "", "Next: ");
  if (at("error-text").textContent !== (error?.text ?? "")) at("error-text").textContent = error?.text ?? "";
}

function drawStatus() {
  const last = state.live.answers ? " The windows show the last one that ran." : "";
  const says = {
    building: "Building …",
    starting: "Starting …",
    running: state.live.is_old ? "Running, older than the files" : "Running",
    failed: `Does not run.${last}`,
    crashed: "The program has crashed: r runs it again.",
    stopped: "No program runs.",
  }[state.app];
  write(at("status"), says);
  at("status").classList.toggle("working", ["building", "starting"].includes(state.app));
  at("status").classList.toggle("is-wrong", ["failed", "crashed"].includes(state.app));
  write(at("also"), state.address && state.app === "running" ? `also at ${state.address}` : "");
  write(at("kept"), state.kept ? `Kept: ${state.kept} comes when the build ends.` : "");
}

function drawPhone() {
  const { phone } = state;
  at("phone").hidden = !phone;
  if (!phone) return;
  write(at("phone-address"), phone.address);
  const source = `data:image/svg+xml,${encodeURIComponent(phone.code)}`;
  if (at("phone-code").src !== source) at("phone-code").src = source;
}

function drawSchedule() {
  const { schedule } = state;
  at("schedule").hidden = !schedule;
  redraw("schedule-rows", [schedule, state.step.number], () => (schedule ?? []).map(scheduleRow));
}

function scheduleRow({ from, to, what, kind, step }) {
  const row = element("tr", kind, ...[`${from} – ${to}`, what].map((text) => element("td", "", text)));
  if (step === state.step.number) row.classList.add("now");
  return row;
}

let noticeEnds = 0;

function notice({ level, text }) {
  const place = at("notice");
  place.textContent = text;
  place.className = level;
  clearTimeout(noticeEnds);
  noticeEnds = setTimeout(() => place.replaceChildren(), 8000);
}

function drawTimes() {
  if (!state) return;
  const since = (performance.now() - stateCame) / 1000;
  drawCountdown(state, since);
  drawClock(state, since);
}

function setClock(by) {
  const since = state.clock.runs ? (performance.now() - stateCame) / 1000 : 0;
  send({ do: "clock", seconds: Math.max(0, Math.floor(state.clock.stage + since) + by) });
}

function begin() {
  hear(() => state, { ",": () => setClock(-60), ".": () => setClock(60) });
  setInterval(drawTimes, 250);
  connect("/views/speaker", { state: received, notice });
}

begin();
