// The instructor's page: who would like help, what they are stuck on together, and the rows. The token is in the part of the
// address that no browser sends anywhere; it is handed over when the page connects.

"use strict";

const at = (id) => document.getElementById(id);
const socket = connect();
let words = {};
// Whom the dialog is about.
let meant = [];

socket.on("connect", () => socket.emit("enter", "instructor", location.hash.slice(1)));
socket.on("disconnect", () => (at("away").hidden = false));
socket.on("refused", (why) => {
  at("away").hidden = false;
  at("away").textContent = why;
});
socket.on("room", (room) => {
  at("away").hidden = true;
  ahead = room.now - Date.now();
  words = room.words;
  const { slower, fine, faster } = room.pace;
  const taught = room.taught ? `; stage ${room.taught.stage} of step ${room.taught.step}: ${room.taught.passed} have passed it` : "";
  at("numbers").textContent = `${room.here} here, ${room.hands} ${room.hands === 1 ? "hand" : "hands"} up; pace: ${slower} slower, ${fine} fine, ${faster} faster${taught}`;
  if (room.taught) suggest(room.taught);
});
socket.on("rows", (changed) => {
  drawRows(changed, at("rows"));
  drawHands();
  drawGroups();
});
socket.on("report", (id, address) => {
  if (!meant.includes(id)) return;
  at("report").hidden = !address;
  if (address) at("report").src = address;
});
socket.on("file", save);

// The stage to offer: the one that is being taught.
function suggest({ step, stage }) {
  if (at("dialog").open) return;
  at("offer-step").value = step;
  at("offer-stage").value = stage;
}

function drawHands() {
  const up = [...learners.values()].filter((it) => it.hand && !it.left).sort((a, b) => a.hand - b.hand);
  at("no-hands").hidden = up.length > 0;
  const items = up.map((it) => {
    const since = make("span", "", ago(it.hand));
    since.dataset.since = it.hand;
    const step = it.check ? `step ${it.check.step}` : "no check yet";
    const about = make("p", "", make("b", "", it.name), `, ${step}, for `, since);
    const cause = it.check?.diagnoses[0];
    const why = make("p", "quiet", cause ? (words[cause] ?? cause) : "");
    const label = it.report ? "Open the report" : "Open";
    const does = make("div", "does", button(label, it.name, () => openDialog(it.name, [it.id])), button("Lower", it.name, () => socket.emit("lower", [it.id])));
    return make("li", "", about, why, does);
  });
  replace(at("hands"), items);
}

// Everybody who has a mistake at a step, together: one sentence to the room helps them all.
function drawGroups() {
  const here = [...learners.values()].filter((it) => it.check && !it.left);
  const groups = new Map();
  for (const it of here) {
    for (const id of new Set(it.check.diagnoses)) {
      const key = `${it.check.step} ${id}`;
      groups.set(key, [...(groups.get(key) ?? []), it]);
    }
  }
  const sorted = [...groups.entries()].sort(([, one], [, other]) => other.length - one.length);
  at("no-groups").hidden = sorted.length > 0;
  const items = sorted.slice(0, 12).map(([key, group]) => {
    const [step, id] = key.split(" ");
    const of = here.filter((it) => `${it.check.step}` === step).length;
    const head = make("p", "", make("b", "", `${group.length} of ${of}: `), make("code", "", id), ` at step ${step}`);
    const who = group.length === 1 ? group[0].name : `${group.length} of ${of} at step ${step}: ${id}`;
    const open = button(group.length === 1 ? "Open" : "Write to all of them", `${id} at step ${step}`, () => openDialog(who, group.map((it) => it.id)));
    return make("li", "", head, make("p", "quiet", words[id] ?? id), make("div", "does", open));
  });
  replace(at("groups"), items);
}

// New items for a list, without taking the keyboard away from where it is in it.
function replace(list, items) {
  const name = list.contains(document.activeElement) && document.activeElement.getAttribute("aria-label");
  list.replaceChildren(...items);
  if (name) [...list.querySelectorAll("button")].find((it) => it.getAttribute("aria-label") === name)?.focus();
}

function openDialog(title, ids) {
  meant = ids;
  const one = ids.length === 1 ? learners.get(ids[0]) : undefined;
  at("dialog-title").textContent = title;
  const cause = one?.check?.diagnoses[0];
  const names = ids.map((id) => learners.get(id)?.name).join(", ");
  const why = cause ? `Step ${one.check.step}: ${words[cause] ?? cause}` : "";
  at("dialog-words").textContent = one ? why : names;
  at("dialog-passed").textContent = Object.entries(one?.passed ?? {}).map(([step, time]) => `step ${step} passed ${new Date(time).toLocaleString()}`).join("; ");
  at("lower").hidden = !one?.hand;
  if (one?.check) at("offer-step").value ||= one.check.step;
  at("report").hidden = true;
  at("report").removeAttribute("src");
  if (one?.report) socket.emit("report", one.id);
  at("dialog").showModal();
  at("answer-text").focus();
}

at("answer").addEventListener("submit", () => {
  const text = at("answer-text").value.trim();
  if (text) socket.emit("answer", meant, text);
  at("answer-text").value = "";
});
at("offer").addEventListener("submit", () => {
  socket.emit("offer", meant, Number(at("offer-step").value), Number(at("offer-stage").value));
});
at("lower").addEventListener("click", () => {
  socket.emit("lower", meant);
  at("dialog").close();
});
at("offer-all").addEventListener("click", () => {
  const all = [...learners.values()].filter((it) => !it.left).map((it) => it.id);
  openDialog(`All ${all.length} learners`, all);
});
for (const element of document.querySelectorAll("[data-export]")) {
  element.addEventListener("click", () => socket.emit("export", element.dataset.export));
}

// A file that the room made, as a download.
function save(name, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text]));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
