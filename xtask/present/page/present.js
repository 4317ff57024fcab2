// The presenter's page.
//
// It holds nothing of its own but what one window needs: whether the notes are hidden, which colours. All else is the
// program's. The program sends its whole state after each change, and the page draws it; a key or a button is a command to
// the program, and what comes of it is in the next state. So two windows never differ, and a reload loses nothing.
//
// From above: the connection, the state as it is drawn, how it is made to fit, the windows, the wire, the keys.

const at = (id) => document.getElementById(id);
const isSpeaker = location.pathname === "/speaker";
let state = null;
let stateCame = 0; // When it came, by this page's clock: the times run on from there.

// ---- The connection

const KEY = "walk-token";
let socket = null;

// The token stands in the address, behind the `#`, which no browser sends anywhere. A reload finds it in the session.
function token() {
  const fresh = location.hash.slice(1);
  if (fresh) sessionStorage.setItem(KEY, fresh);
  return fresh || sessionStorage.getItem(KEY) || "";
}

function connect() {
  // A subprotocol may not be every text. What no token can be, need not be tried.
  if (!/^\w+$/.test(token())) return sayAway("Open the address that the terminal printed: it lets this page in.");
  const opened = new WebSocket(`ws://${location.host}/views`, ["walk", token()]);
  socket = opened;
  opened.onopen = () => framesCame({ reset: true, frames: [] }); // The last ones come again.
  opened.onmessage = (message) => received(JSON.parse(message.data));
  opened.onclose = () => {
    if (socket !== opened) return; // Another one took its place.
    sayWhyAway();
    setTimeout(connect, 1000);
  };
}

// A WebSocket does not say why it was refused. So ask whether anybody is there at all.
async function sayWhyAway() {
  const answer = await fetch(location.pathname, { method: "HEAD" }).catch(() => null);
  if (socket?.readyState === WebSocket.OPEN) return;
  if (answer) {
    sayAway("The presenter does not let this window in. Open the address that the terminal printed.");
  } else {
    sayAway("Not connected: the presenter has ended. Start it again in the terminal, and open the address that it prints.");
  }
}

function sayAway(words) {
  write(at("away"), words);
  at("away").hidden = false;
  document.body.classList.toggle("is-away", !state);
  document.body.classList.toggle("was-there", Boolean(state));
}

function received(message) {
  if (message.type === "state") {
    state = message;
    stateCame = performance.now();
    at("away").hidden = true;
    document.body.classList.remove("is-away");
    draw();
  } else if (message.type === "frames") {
    framesCame(message);
  } else if (message.type === "notice") {
    notice(message);
  }
}

function send(command) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(command));
}

// ---- The state, drawn

function draw() {
  write(at("step"), `Step ${state.step.number} · ${state.step.title}`);
  write(at("title"), `${state.shown}. ${state.stage.title}`);
  document.title = `${state.shown}. ${plain(state.stage.title)} – ${state.step.name}${isSpeaker ? " – speaker" : ""}`;
  // A part is made anew only when it is another one: so a scroll position stays, and a screen reader is not told twice.
  redraw("stages", [state.stages, state.shown, state.written], stageButtons);
  redraw("notes", state.stage.prompts, notes);
  redraw("change", [state.shown, state.stage.changes], () => [changes()]);
  write(at("see"), state.stage.see, "See: ");
  redraw("verdict", [state.stage.announced, state.check], verdict);
  drawGap();
  drawUpcoming();
  drawError();
  drawStatus();
  drawTimes();
  drawPanes();
  fit();
}

const drawn = new Map();

function redraw(id, what, make) {
  const key = JSON.stringify(what);
  if (drawn.get(id) === key) return;
  drawn.set(id, key);
  at(id).replaceChildren(...make());
}

// An element with a class and what is in it. Text goes in as text, whatever it looks like.
function element(name, className, ...content) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...content);
  return made;
}

// Makes this text what is in an element, after a bold word.
function write(target, text, word = "") {
  const key = word + text;
  if (target.dataset.text === key) return;
  target.dataset.text = key;
  target.replaceChildren(...(word ? [element("b", "", word)] : []), ...words(text));
}

// What stands in backticks is code, and what stands between asterisks is stressed.
function words(text) {
  return text.split(/(`[^`]*`|\*[^*\s][^*]*\*)/).map((part) => {
    if (part.startsWith("`") && part.length > 1) return element("code", "", part.slice(1, -1));
    return /^\*.+\*$/.test(part) ? element("em", "", part.slice(1, -1)) : part;
  });
}

// A text for what knows no code: the title of a window, say.
function plain(text) {
  return text.replaceAll("`", "");
}

function stageButtons() {
  return state.stages.map((stage) => {
    const isWritten = stage.number === state.written;
    const button = element("button", "", String(stage.number));
    button.type = "button";
    button.title = `${plain(stage.title)} (${minutes(stage.minutes)})`;
    // It begins with what is seen: so who speaks to the computer can say that.
    button.setAttribute("aria-label", `${stage.number}${isWritten ? " written" : ""}: ${plain(stage.title)}`);
    if (isWritten) button.append(element("small", "", " written"));
    if (stage.number === state.shown) button.setAttribute("aria-current", "step");
    button.onclick = () => send({ do: "go", stage: stage.number });
    return button;
  });
}

function minutes(count) {
  return count === 1 ? "1 minute" : `${count} minutes`;
}

function notes() {
  return state.stage.prompts.map((prompt) => {
    const time = prompt.minutes ? ` (${minutes(prompt.minutes)})` : "";
    const kind = prompt.kind.toLowerCase().replace(" ", "-");
    return element("p", kind, element("b", "", `${prompt.kind}${time}: `), ...words(prompt.text));
  });
}

// So many lines nobody types in front of people, and nobody reads from the back of a room: they are given, and walked through
// in the editor.
const MOST_LINES = 75;
const tooMany = (count) => `${count} lines change here, and nobody types them: write the stage, and walk through it in the editor.`;

function changes() {
  const files = state.stage.changes.map((change) => {
    const count = change.hunks.flatMap(({ lines }) => lines).filter((line) => line.kind !== "stays").length;
    const lines = count > MOST_LINES ? [element("p", "", tooMany(count))] : change.hunks.map(changedLines);
    return element("figure", "", element("figcaption", "", change.file), ...lines);
  });
  return element("div", "files", ...(files.length ? files : [element("p", "", "No file changes in this stage.")]));
}

// Lines of one place. The indent that all have in common is left out: it says nothing, and takes room. Those that change
// may have more of it in common: that is left out where they stand alone.
function changedLines({ lines }) {
  const common = commonIndent(lines);
  const made = element("ol", "", ...lines.map((line) => changedLine(line, common)));
  const more = commonIndent(lines.filter((line) => line.kind !== "stays")) - common;
  made.style.setProperty("--more", `${more}ch`);
  return made;
}

function commonIndent(lines) {
  const texts = lines.map(textOf).filter((text) => text.trim());
  return texts.length ? Math.min(...texts.map(indentOf)) : 0;
}

const textOf = (line) => line.spans.map(([, text]) => text).join("");
const indentOf = (text) => text.length - text.trimStart().length;

function changedLine(line, common) {
  const [sign, word] = { new: ["+", "new: "], gone: ["−", "gone: "], stays: ["", ""] }[line.kind];
  const code = element("code", "", ...line.spans.map(([kind, text]) => (kind ? element("span", kind, text) : text)));
  if (indentOf(code.textContent) >= common) cutFromFront(code, common);
  const indent = indentOf(code.textContent);
  code.style.setProperty("--hang", `${indent + 2}ch`);
  const number = element("span", "line-number", String(line.number));
  const signs = [element("span", "sign", sign), element("span", "unseen", word)];
  return element("li", line.is_code ? line.kind : `${line.kind} only-comment`, number, ...signs, code);
}

// Takes so many letters away from the beginning of an element, whichever of its parts they are in.
function cutFromFront(target, count) {
  const range = new Range();
  range.setStart(target, 0);
  let left = count;
  const texts = document.createTreeWalker(target, NodeFilter.SHOW_TEXT);
  while (left > 0 && texts.nextNode()) {
    const here = Math.min(left, texts.currentNode.length);
    range.setEnd(texts.currentNode, here);
    left -= here;
  }
  range.deleteContents();
}

// What `check` is to say; after a check, what it said, and whether that is the same.
function verdict() {
  const { check, stage } = state;
  const announced = stage.announced;
  if (check?.state === "running") return [element("p", "working", "Checking …")];
  if (check?.state === "incomplete") return [element("p", "", element("b", "is-other", "Checked: "), check.why)];
  if (check?.state !== "done") {
    const says = announced.passes ? "passes." : "fails, on purpose:";
    return [element("p", "", element("b", "", "Check "), says), findings(announced.fails, ["cause"])];
  }
  const says = check.findings.length ? "it fails." : "it passes.";
  if (check.as_announced) {
    const checked = element("b", "is-as-announced", "Checked, as announced: ");
    return [element("p", "", checked, says), findings(check.findings, ["cause"])];
  }
  const fails = announced.fails.map((one) => one.sentence).join(" ");
  const expected = announced.passes ? "Announced was that it passes." : `Announced was: ${fails}`;
  return [
    element("p", "", element("b", "is-other", "Checked, not as announced: "), says),
    findings(check.findings, ["cause", "next"]),
    element("p", "cause", ...words(expected)),
  ];
}

// What fails, each with these of its parts: the likeliest cause, and what to do next. Of many, the first few have to do.
const MOST_FINDINGS = 2;
function findings(all, parts) {
  const list = all.slice(0, MOST_FINDINGS);
  const rest = all.length - list.length;
  const part = (one, kind) => (one[kind] ? element("span", kind, " ", ...words(one[kind])) : "");
  const finding = (one) => element("li", "", ...words(one.sentence), ...parts.map((kind) => part(one, kind)));
  const more = rest ? [element("li", "", `And ${rest} more.`)] : [];
  return element("ul", "", ...list.map(finding), ...more);
}

function drawGap() {
  const { gap } = state;
  write(at("gap-words"), gap.words, "Your files: ");
  at("gap").classList.toggle("closed", gap.closed);
  at("gap").querySelector("button").hidden = gap.closed;
  const line = (file, place) => element("li", "", `${file.file}:${place.line}  ${place.text.trim()}`);
  const missing = (file) => file.missing.map((place) => line(file, place));
  redraw("missing", gap.files, () => gap.files.flatMap(missing));
}

function drawUpcoming() {
  const next = state.stages.find((stage) => stage.number === state.shown + 1);
  write(at("upcoming"), next ? `${next.title} (${minutes(next.minutes)})` : "this is the last stage.", "Next: ");
}

let aside = ""; // The error that was put aside, until there is another one.

function drawError() {
  const error = state.app.error;
  const key = JSON.stringify(error);
  if (!error) aside = "";
  at("error").hidden = !error || aside === key;
  if (!error) return;
  write(at("error-title"), error.title);
  at("error-place").textContent = error.place ?? "";
  at("error-why").textContent = error.why ?? "";
  at("error-next").textContent = error.next ? `Next: ${error.next}` : "";
  if (at("error-text").textContent !== error.text) at("error-text").textContent = error.text;
  fitError();
}

// An error is read from the last row, so it is set larger than the code where there is room. The compiler points at things from
// below: a line that wraps is pointed at wrongly. So the type gets smaller, as long as that helps; longer lines than that wrap
// all the same.
function fitError() {
  const text = at("error-text");
  const wraps = ![1.8, 1.65, 1.5, 1.35, 1.2, 1.1, 1, 0.94, 0.88, 0.82, 0.75].some((size) => {
    text.style.fontSize = pixels(size);
    text.classList.remove("wraps");
    const isHigh = size > 1 && text.scrollHeight > text.clientHeight;
    return !isHigh && text.scrollWidth <= text.clientWidth;
  });
  if (wraps) text.style.fontSize = pixels(0.88);
  text.classList.toggle("wraps", wraps);
}

function putErrorAside() {
  aside = JSON.stringify(state.app.error);
  draw();
}

function drawStatus() {
  const { app } = state;
  const last = app.answers ? " The windows show the last one that ran." : "";
  const says = {
    building: "Building …",
    starting: "Starting …",
    running: app.is_old ? "Running, older than the files" : "Running",
    failed: `Does not run.${last}`,
    crashed: "The program has crashed: r runs it again.",
    stopped: "No program runs.",
  }[app.state];
  write(at("status"), says);
  write(at("also"), state.address && app.state === "running" ? `also at ${state.address}` : "");
  at("status").classList.toggle("working", ["building", "starting"].includes(app.state));
  at("status").classList.toggle("is-wrong", ["failed", "crashed"].includes(app.state));
  // A button that would be refused says so, and can be pressed all the same: the program says why not.
  for (const button of document.querySelectorAll("[data-do='next'], [data-do='back'], [data-do='apply'], #stages button")) {
    button.setAttribute("aria-disabled", String(state.busy));
  }
}

let noticeEnds = 0;

function notice({ level, text }) {
  const place = at("notice");
  place.textContent = place.title = text;
  place.className = level;
  clearTimeout(noticeEnds);
  noticeEnds = setTimeout(() => place.replaceChildren(), 8000);
}

// Times run on in the page, from what the last state said.

function drawTimes() {
  if (!state) return;
  const since = (performance.now() - stateCame) / 1000;
  const { elapsed, planned } = state.clock;
  const over = elapsed + since - planned;
  at("clock").classList.toggle("over", over > 0);
  const says = over > 0 ? `${time(over)} over, planned ${time(planned)}` : `of ${time(planned)}`;
  if (at("clock").dataset.says !== time(elapsed + since) + says) {
    at("clock").dataset.says = time(elapsed + since) + says;
    at("clock").replaceChildren(element("b", "", time(elapsed + since)), element("span", "", says));
  }
  const left = state.countdown ? state.countdown.left - since : 0;
  at("countdown").hidden = !state.countdown;
  document.querySelector("header").classList.toggle("counts", Boolean(state.countdown));
  at("countdown").classList.toggle("over", left <= 0);
  at("countdown").textContent = state.countdown ? time(Math.max(0, left)) : "";
}

function time(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

// ---- Making it fit
//
// The lesson never scrolls: a class cannot. So there is a list of layouts, from the best to the tightest, and the first one
// that fits is taken. First the notes are folded, then the lines around a change left out, then the type gets smaller and the
// left side wider, then a comment gets one line and no more, and at last none.

const SMALLEST = 12; // Pixels. Below that, nobody reads it.

const WIDE = { notes: "least", context: "none", verdict: "short", shape: "wide" };

const LAYOUTS = [
  { notes: "all", context: "some", size: 1.3, wrap: "no" },
  { notes: "all", context: "some", size: 1.15, wrap: "no" },
  { notes: "all", context: "some", size: 1 },
  { notes: "folded", context: "some", size: 1 },
  { notes: "folded", context: "none", size: 1 },
  { notes: "folded", context: "none", size: 1, verdict: "short" },
  { notes: "folded", context: "none", size: 0.94, verdict: "short" },
  ...[1, 0.94].map((size) => ({ notes: "folded", context: "none", size, verdict: "short", shape: "wide" })),
  ...[0.94, 0.88].flatMap((size) => inOneOrTwo({ ...WIDE, size })),
  ...[0.94, 0.88, 0.82].flatMap((size) => inOneOrTwo({ ...WIDE, comments: "cut", size })),
  ...[0.88, 0.82, 0.75].flatMap((size) => inOneOrTwo({ ...WIDE, comments: "cut", size, shape: "tight" })),
  ...[0.82, 0.75].flatMap((size) => inOneOrTwo({ ...WIDE, comments: "none", size, shape: "tight" })),
  { ...WIDE, notes: "none", comments: "none", size: 0, shape: "tight", columns: 2 },
];

function inOneOrTwo(layout) {
  return [layout, { ...layout, columns: 2 }];
}

let areNotesHidden = sessionStorage.getItem("walk-notes") === "hidden";
let fitted = "";

function fit() {
  if (!state) return;
  // The speaker's window has room, and may scroll.
  if (isSpeaker) {
    at("notes").hidden = areNotesHidden;
    return;
  }
  write(at("notes-button"), areNotesHidden ? "Show notes" : "Hide notes");
  const parts = ["change", "verdict", "notes"].map((id) => drawn.get(id));
  const head = document.querySelector("header").offsetHeight; // Taller while a countdown runs.
  const key = [innerWidth, innerHeight, head, areNotesHidden, state.shown, state.gap.closed, ...parts].join();
  if (key === fitted && fits()) return;
  fitted = key;
  LAYOUTS.some((layout) => {
    take(layout);
    return fits();
  });
  unfoldNotes();
  toTheNewest();
}

// Unfolds what there is room for, from the first note on.
function unfoldNotes() {
  if (document.querySelector("main").dataset.notes !== "folded") return;
  for (const note of document.querySelectorAll("#notes .folded")) {
    note.classList.remove("folded");
    note.classList.toggle("folded", !fits());
  }
}

function take({ notes, context, size, wrap = "yes", verdict = "whole", comments = "all", shape = "half", columns = 1 }) {
  Object.assign(document.querySelector("main").dataset, { notes, context, comments, wrap, verdict, shape, columns });
  at("notes").hidden = areNotesHidden || notes === "none";
  const isFolded = notes === "folded" || notes === "least";
  for (const note of document.querySelectorAll("#notes p")) note.classList.toggle("folded", isFolded);
  at("change").style.setProperty("--size", pixels(size));
}

// A size of type: so many times the page's own, but never too small to read.
function pixels(size) {
  return `${Math.max(SMALLEST, size * parseFloat(getComputedStyle(document.documentElement).fontSize))}px`;
}

function fits() {
  const isWhole = (it) => it.scrollHeight <= it.clientHeight && it.scrollWidth <= it.clientWidth;
  const { notes, wrap } = document.querySelector("main").dataset;
  const parts = [at("change"), at("lesson"), document.querySelector("main")];
  if (notes !== "least") parts.push(at("notes"));
  if (wrap === "no") parts.push(...document.querySelectorAll("#change code"));
  return parts.every(isWhole);
}

// ---- The live windows

// The room of a small window, in pixels: a page is shown as if it had at least that, and made smaller or larger. Step 10
// fits into the first height; `z` gives a longer page more, and makes it smaller.
const WIDTH = 400;
const HEIGHTS = [480, 640, 820];
let height = Number(sessionStorage.getItem("walk-height")) || HEIGHTS[0];

const panes = [...document.querySelectorAll(".pane")];
let loaded = null; // Which addresses and which generation the panes show.

function drawPanes() {
  if (isSpeaker) return;
  const key = state.app.answers ? `${state.app.generation} ${state.panes.left} ${state.panes.right}` : "nothing";
  if (key === loaded) return drawSilence();
  loaded = key;
  for (const pane of panes) loadPane(pane);
  scalePanes();
  drawSilence();
}

// A new frame each time, for a frame that goes elsewhere would fill the history of the window. The generation stands in the
// address, for the browser would show the page that it has: a file that was not touched for long, it does not ask for again.
function loadPane(pane) {
  const frame = document.createElement("iframe");
  frame.title = `${pane.dataset.window} window`;
  frame.sandbox = "allow-scripts allow-same-origin allow-forms";
  frame.hidden = !state.app.answers;
  if (state.app.answers) frame.src = `${state.panes[pane.dataset.window]}?${state.app.generation}`;
  pane.querySelector("iframe").replaceWith(frame);
}

// A calm sentence in place of a page that is not there yet.
function drawSilence() {
  const { app } = state;
  const soon = "Nothing answers yet. The window comes when the program runs.";
  const why = app.error ? "Nothing answers: the program has an error." : soon;
  for (const pane of panes) {
    const silent = pane.querySelector(".silent");
    silent.hidden = app.answers;
    write(silent, why);
  }
}

function scalePanes() {
  for (const pane of panes) {
    const { clientWidth, clientHeight } = pane.querySelector(".screen");
    const scale = Math.min(clientWidth / WIDTH, clientHeight / height);
    if (!(scale > 0)) continue;
    const { style } = pane.querySelector("iframe");
    style.width = `${clientWidth / scale}px`;
    style.height = `${clientHeight / scale}px`;
    style.transform = `scale(${scale})`;
  }
}

function changeHeight() {
  height = HEIGHTS[(HEIGHTS.indexOf(height) + 1) % HEIGHTS.length];
  sessionStorage.setItem("walk-height", height);
  scalePanes();
}

// Who clicks into a pane takes the keyboard there, and the page hears no key any more. That must be seen.
function drawKeyboard() {
  const holder = document.hasFocus() ? panes.find((pane) => pane.contains(document.activeElement)) : null;
  for (const pane of panes) pane.classList.toggle("has-keyboard", pane === holder);
  // Who tabs on to its button keeps it: from a button that is gone, the next Tab would begin anew and never reach the rest.
  at("keyboard").hidden = !holder && !at("keyboard").contains(document.activeElement);
  if (!holder) return write(at("keyboard-words"), "Keys reach the presenter again.");
  const where = holder.dataset.window;
  const back = "click here, or press Tab until they do";
  write(at("keyboard-words"), `The keyboard is in the ${where} window, keys do not reach the presenter: ${back}.`);
}

function takeKeyboard() {
  window.focus();
  at("title").focus();
  drawKeyboard();
}

// ---- The wire
//
// A mouse sends sixty moves a second, and as many come down. So what belongs together is one row, with a count and the
// newest text: the same event, in the same window and direction, at most half a second apart.

const KEPT = 200; // Frames that the page keeps.
const TOGETHER = 0.5; // Seconds.
let frames = [];
let willDraw = false;

function framesCame(message) {
  if (message.reset) frames = [];
  frames = frames.concat(message.frames).slice(-KEPT);
  if (willDraw || isSpeaker) return;
  willDraw = true;
  // However many come, they are drawn once for each picture that the screen shows.
  requestAnimationFrame(() => {
    willDraw = false;
    drawFrames();
  });
}

function drawFrames() {
  at("frames").replaceChildren(...rows(frames).map(frameRow));
  toTheNewest();
}

let isFollowing = true; // Who has scrolled up wants to read, and is left there.

function framesScrolled() {
  const list = at("frames");
  isFollowing = list.scrollTop + list.clientHeight >= list.scrollHeight - 4;
}

function toTheNewest() {
  if (isFollowing) at("frames").scrollTop = at("frames").scrollHeight;
}

// Frames as rows: each has its newest frame and how many it stands for.
function rows(frames) {
  const rows = [];
  for (const frame of frames) {
    // Moves of one mouse go up in one window and down in the others: the rows of one event lie beside each other.
    if (isSecondEnd(frame, rows)) continue;
    const name = eventName(frame);
    const from = rows.findLastIndex((row) => row.name !== name) + 1;
    const row = rows.slice(from).find((row) => name && belongs(frame, row.newest));
    if (row) {
      row.newest = frame;
      row.count += 1;
    } else {
      rows.push({ name, newest: frame, count: 1 });
    }
  }
  return rows;
}

// A connection ends once for a class, though each side says goodbye, and then the line is cut.
function isSecondEnd(frame, rows) {
  const last = rows.findLast((row) => row.newest.window === frame.window);
  return ["close", "end"].includes(frame.kind) && last?.newest.kind === "close";
}

function belongs(frame, before) {
  const same = ["window", "direction", "shape"].every((part) => frame[part] === before[part]);
  return same && frame.at - before.at <= TOGETHER;
}

// The name of an event, `spy` in `["spy",1,2]`; of what is none, nothing.
function eventName(frame) {
  return frame.kind === "text" ? (/^\s*\[\s*"([^"]*)"/.exec(frame.text)?.[1] ?? null) : null;
}

function frameRow({ newest, count }) {
  const isFrame = newest.kind === "text" || newest.kind === "binary";
  const way = newest.direction === "up" ? "↑ up" : "↓ down";
  const text = element("span", "text", frameText(newest));
  const from = [element("span", "", newest.window), element("span", "way", isFrame ? way : "")];
  const row = element("li", newest.direction, ...from, text);
  row.classList.toggle("of-the-connection", !isFrame);
  const marks = element("span");
  if (count > 1) marks.append(element("span", "count", `×${count} `));
  if (newest.shape) marks.append(element("span", "shape", newest.shape));
  row.append(marks);
  return row;
}

function frameText(frame) {
  switch (frame.kind) {
    case "text": return visible(frame.text);
    case "binary": return `${frame.bytes} bytes, binary`;
    case "open": return "connected";
    case "close": return `closed ${visible(frame.text ?? "")}`;
    default: return "cut off";
  }
}

/// Letters that are not seen, or that turn the ones after them around, as what they are: `\u{202e}`. A frame is whatever an
/// app has sent, and what the class reads must be what was on the wire. Emoji are joined by one of them, and stay whole.
function visible(text) {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (letter) => (letter === "\u200d" ? letter : `\\u{${letter.codePointAt(0).toString(16)}}`));
}

// ---- The keys, and the buttons

const COMMANDS = {
  ArrowRight: () => send({ do: "next" }),
  PageDown: () => send({ do: "next" }),
  " ": () => send({ do: "next" }),
  n: () => send({ do: "next" }),
  ArrowLeft: () => send({ do: "back" }),
  PageUp: () => send({ do: "back" }),
  b: () => send({ do: "back" }),
  s: () => show(state.shown + 1),
  S: () => show(state.shown - 1),
  a: () => send({ do: "apply" }),
  r: () => send({ do: "run" }),
  c: () => send({ do: "check" }),
  t: timeTheClass,
  h: toggleNotes,
  w: openSpeaker,
  x: () => send({ do: "clear" }),
  z: changeHeight,
  l: switchColours,
  f: fullScreen,
  "?": () => at("help").showModal(),
};

function keyPressed(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || !state) return;
  if (at("help").open) {
    if (event.key === "?") at("help").close();
    return;
  }
  // A space presses the button that has the focus.
  if (event.key === " " && event.target.closest("button")) return;
  if (event.key === "Escape" && !at("error").hidden) return putErrorAside();
  const stage = state.stages.find(({ number }) => String(number) === event.key);
  const command = stage ? () => send({ do: "go", stage: stage.number }) : COMMANDS[event.key];
  if (!command) return;
  event.preventDefault();
  command();
}

function show(stage) {
  if (state.stages.some(({ number }) => number === stage)) send({ do: "show", stage });
}

function timeTheClass() {
  const asked = state.stage.prompts.find((prompt) => prompt.minutes)?.minutes ?? 3;
  send({ do: "countdown", seconds: state.countdown ? 0 : asked * 60 });
}

function toggleNotes() {
  areNotesHidden = !areNotesHidden;
  sessionStorage.setItem("walk-notes", areNotesHidden ? "hidden" : "shown");
  fit();
}

function openSpeaker() {
  open(`/speaker#${token()}`, "_blank", "noopener,popup,width=1000,height=700");
}

function switchColours() {
  const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
  const now = document.documentElement.dataset.scheme ?? (isDark ? "dark" : "light");
  setColours(now === "dark" ? "light" : "dark");
}

function setColours(scheme) {
  if (!scheme) return;
  document.documentElement.dataset.scheme = scheme;
  sessionStorage.setItem("walk-scheme", scheme);
}

function fullScreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen().catch(() => notice({ level: "refused", text: "no full screen here" }));
}

function begin() {
  document.documentElement.dataset.view = isSpeaker ? "speaker" : "room";
  setColours(sessionStorage.getItem("walk-scheme"));
  document.addEventListener("keydown", keyPressed);
  for (const button of document.querySelectorAll("[data-do]")) button.onclick = () => send({ do: button.dataset.do });
  for (const button of document.querySelectorAll("[data-key]")) button.onclick = () => COMMANDS[button.dataset.key]();
  at("error-aside").onclick = putErrorAside;
  at("keyboard").onclick = takeKeyboard;
  at("frames").onscroll = framesScrolled;
  addEventListener("hashchange", connect);
  addEventListener("resize", fit);
  addEventListener("resize", fitError);
  // The window has the focus a moment before the part of it that gets it.
  for (const event of ["focus", "blur"]) addEventListener(event, () => setTimeout(drawKeyboard));
  // From one pane to the other the keyboard goes without an event.
  setInterval(drawKeyboard, 300);
  setInterval(drawTimes, 250);
  const watch = new ResizeObserver(scalePanes);
  for (const pane of panes) watch.observe(pane.querySelector(".screen"));
  new ResizeObserver(fit).observe(at("change"));
  sayAway("Connecting to the presenter …");
  connect();
}

begin();
