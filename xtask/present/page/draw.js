// What all pages draw with: elements, sentences, times.

export const at = (id) => document.getElementById(id);

const drawn = new Map();

// Makes a part anew only when it is another one: so a scroll position stays, and a screen reader is not told twice.
export function redraw(id, what, make) {
  const key = JSON.stringify(what ?? null);
  if (drawn.get(id) === key) return;
  drawn.set(id, key);
  at(id).replaceChildren(...make());
}

export const whatIsDrawn = (id) => drawn.get(id);

// An element with a class and what is in it. Text goes in as text, whatever it looks like.
export function element(name, className, ...content) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...content);
  return made;
}

// Makes this text what is in an element, after a bold word. Nothing is nothing, without the word.
export function write(target, text, word = "") {
  const key = text ? word + text : "";
  if (target.dataset.text === key) return;
  target.dataset.text = key;
  target.replaceChildren(...(text && word ? [element("b", "", word)] : []), ...words(text ?? ""));
}

// What stands in backticks is code, and what stands between asterisks is stressed.
export function words(text) {
  return text.split(/(`[^`]*`|\*[^*\s][^*]*\*)/).map((part) => {
    if (part.startsWith("`") && part.length > 1) return element("code", "", part.slice(1, -1));
    return /^\*.+\*$/.test(part) ? element("em", "", part.slice(1, -1)) : part;
  });
}

// A text for what knows no code: the title of a window, say.
export const plain = (text) => text.replaceAll("`", "");

export const minutes = (count) => (count === 1 ? "1 minute" : `${count} minutes`);

export function time(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

// The notes of a stage, a paragraph each.
export function notes(prompts) {
  return prompts.map((prompt) => {
    const time = prompt.minutes ? ` (${minutes(prompt.minutes)})` : "";
    const kind = prompt.kind.toLowerCase().replaceAll(" ", "-");
    return element("p", kind, element("b", "", `${prompt.kind}${time}: `), ...words(prompt.text));
  });
}

const PHASES = { question: "Question", change: "Change", run: "See", verdict: "Verdict" };

// Where we are in the stage: its phases, the one that is shown marked, and not by its colour alone.
export function phases({ at, phases, parts }) {
  return phases.map((phase) => {
    const part = phase === "change" && phase === at.phase && parts > 1 ? ` ${at.part + 1} of ${parts}` : "";
    const item = element("li", "", PHASES[phase] + part);
    if (phase === at.phase) item.setAttribute("aria-current", "step");
    return item;
  });
}

// What `check` is to say; after a check, what it said, and whether that is the same.
export function verdict({ check, announced }) {
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

// A time that the class was given runs on in the page, from what the state said when it came.
export function drawCountdown(state, since) {
  const left = state.countdown ? state.countdown.left - since : 0;
  at("countdown").hidden = !state.countdown;
  document.body.classList.toggle("counts", Boolean(state.countdown));
  at("countdown").classList.toggle("over", left <= 0);
  at("countdown").textContent = state.countdown ? time(left) : "";
}

// The clock of the instructor: what this stage has taken, and all so far.
export function drawClock({ clock, minutes: planned }, since) {
  const more = clock.runs ? since : 0;
  const part = (id, took, plan) => {
    const over = took - plan;
    at(id).classList.toggle("over", over > 0);
    const says = over > 0 ? `${time(over)} over, planned ${time(plan)}` : `of ${time(plan)}`;
    if (at(id).dataset.says === time(took) + says) return;
    at(id).dataset.says = time(took) + says;
    const name = id === "clock-stage" ? "this stage" : "all so far";
    at(id).replaceChildren(element("small", "", name), element("b", "", time(took)), element("span", "", says));
  };
  part("clock-stage", clock.stage + more, planned * 60);
  part("clock-all", clock.all + more, clock.planned);
  const stands = clock.is_paused ? "paused" : "stands still while a build runs";
  const why = clock.has_started ? stands : "starts with the first press";
  write(at("clock-why"), clock.runs ? "" : `The clock ${clock.is_paused ? "is " : ""}${why}.`);
}
