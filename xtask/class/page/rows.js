// The table of the instructor's page: a row a learner, who is stuck longest first. Every text is put there as text.

"use strict";

// What stands before some of a row's cells where there is no room for the table's head.
const LABELS = [[1, "step"], [4, "stuck for"], [5, "passed"], [6, "heard"]];
// The learners, by their numbers, and the row of each.
const learners = new Map();
const rows = new Map();
// How far the room's clock is from this machine's, in milliseconds.
let ahead = 0;

function now() {
  return Date.now() + ahead;
}

// So long ago, in words.
function ago(time) {
  const seconds = Math.max(0, Math.round((now() - time) / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

// An element of this class, with these children: texts or elements.
function make(name, className, ...children) {
  const element = document.createElement(name);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

function button(words, name, action) {
  const element = make("button", "", words);
  element.type = "button";
  element.setAttribute("aria-label", `${words}: ${name}`);
  element.addEventListener("click", action);
  return element;
}

// Whoever is stuck longest comes first, then whoever is at work, then whoever has passed, and last those who left.
function inOrder(one, other) {
  const rank = (it) => (it.left ? 3 : it.stuck ? 0 : it.check?.verdict === "passed" ? 2 : 1);
  return rank(one) - rank(other) || (one.stuck ?? 0) - (other.stuck ?? 0) || one.id - other.id;
}

// Draws the rows of these learners anew, and puts all of them in order.
function drawRows(changed, body) {
  for (const learner of changed) {
    learners.set(learner.id, learner);
    const row = rows.get(learner.id) ?? document.createElement("tr");
    rows.set(learner.id, row);
    // Whoever has the keyboard on a button of this row keeps it.
    const hadFocus = row.contains(document.activeElement);
    fill(row, learner);
    if (hadFocus) row.querySelector("button")?.focus();
  }
  const order = [...learners.values()].sort(inOrder).map((it) => rows.get(it.id));
  order.forEach((row, index) => {
    if (body.children[index] !== row) body.insertBefore(row, body.children[index] ?? null);
  });
}

function fill(row, it) {
  const { check, name } = it;
  row.className = [it.connected && "connected", it.stuck && "stuck", it.hand && "hand", it.left && "left"].filter(Boolean).join(" ");
  const presence = make("span", "presence", name);
  const state = it.left ? "has left" : it.connected ? "connected" : "not connected";
  const head = make("th", "", presence, make("span", "unseen", `, ${state}`));
  head.scope = "row";
  head.role = "rowheader";
  row.role = "row";
  if (it.left) head.append(make("span", "said", " left"));
  if (it.pace) head.append(make("span", "said", ` ${it.pace}`));
  const checks = check ? `${check.passed} of ${check.of}` : "";
  const open = button("Open", name, () => openDialog(name, [it.id]));
  const cells = [
    head,
    make("td", "step", check ? `${check.step}` : "–"),
    make("td", "checks", check?.verdict === "passed" ? "all passed" : checks),
    cause(it),
    time("stuck-for", it.stuck),
    make("td", "passed", ranges(Object.keys(it.passed).map(Number))),
    time("heard", it.last),
    make("td", "can", open),
  ];
  // On a narrow screen a row is a block: it stays a row of a table for whoever hears it, and says what each number is.
  for (const cell of cells.slice(1)) cell.role = "cell";
  for (const [index, label] of LABELS) cells[index].dataset.label = label;
  row.replaceChildren(...cells);
}

function cause({ check, said }) {
  const cell = make("td", "cause", ...(check?.diagnoses ?? []).slice(0, 2).flatMap((id, index) => (index ? [", ", make("code", "", id)] : [make("code", "", id)])));
  const last = said.at(-1);
  if (last) cell.append(make("div", "said", `you: ${last.text} (${last.heard ? "shown" : "not shown yet"})`));
  return cell;
}

// The numbers in short: 1–6, 8.
function ranges(numbers) {
  const parts = [];
  for (const number of numbers.sort((a, b) => a - b)) {
    const last = parts.at(-1);
    if (last?.to === number - 1) last.to = number;
    else parts.push({ from: number, to: number });
  }
  return parts.map(({ from, to }) => (from === to ? `${from}` : `${from}–${to}`)).join(", ");
}

// A time that goes on while nothing else changes.
function time(className, since) {
  const cell = make("td", className, since ? ago(since) : "");
  if (since) cell.dataset.since = since;
  return cell;
}

setInterval(() => {
  for (const cell of document.querySelectorAll("[data-since]")) {
    const text = ago(Number(cell.dataset.since));
    if (cell.textContent !== text) cell.textContent = text;
  }
}, 1000);
