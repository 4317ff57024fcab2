// The board: draws the numbers of the room. It is told no names, and asks for nothing.

"use strict";

const at = (id) => document.getElementById(id);
const socket = connect();

socket.on("connect", () => {
  at("away").hidden = true;
  socket.emit("enter", "board");
});
socket.on("disconnect", () => (at("away").hidden = false));
socket.on("refused", (why) => {
  at("away").hidden = false;
  at("away").textContent = why;
});
socket.on("room", draw);

function draw(room) {
  at("here").textContent = room.here;
  at("hands").textContent = room.hands;
  at("hands-word").textContent = room.hands === 1 ? "hand up" : "hands up";
  at("pace").textContent = pace(room.pace);
  at("join").textContent = room.join;
  drawTaught(room);
  drawSteps(room);
  drawMistakes(room.mistakes);
  fit();
}

// Makes all of it smaller, step by step, until nothing has to be scrolled: nobody scrolls a projector.
function fit() {
  const main = document.querySelector("main");
  for (let scale = 1; scale >= 0.7; scale -= 0.05) {
    document.body.style.setProperty("--scale", scale);
    if (main.scrollHeight <= main.clientHeight) return;
  }
}
addEventListener("resize", fit);

// A text whose words in backticks are code.
function withCode(text) {
  return text.split("`").map((part, index) => (index % 2 ? make("code", "", part) : part));
}

// The pace in words, as long as somebody has said something.
function pace({ slower, fine, faster }) {
  const parts = [[slower, "slower"], [fine, "fine"], [faster, "faster"]];
  const said = parts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  return said.length > 0 ? `pace: ${said.join(", ")}` : "";
}

function drawTaught({ taught, here }) {
  at("taught").hidden = !taught;
  if (!taught) return;
  at("taught-title").replaceChildren(...withCode(`Step ${taught.step}, stage ${taught.stage} of ${taught.stages}: ${taught.title}`));
  at("taught-passed").textContent = `${taught.passed} of ${here}`;
  at("taught-words").textContent = taught.passed === 1 ? "has passed this stage" : "have passed this stage";
  at("taught-bar").style.width = `${here > 0 ? (100 * taught.passed) / here : 0}%`;
}

function drawSteps({ steps, here }) {
  at("nobody").hidden = steps.length > 0;
  const items = steps.map(({ number, title, all, passed }) => {
    const done = passed > 0 ? `, ${passed} passed` : "";
    const bar = make("span", "bar", make("span", "", title ?? ""));
    bar.style.setProperty("--share", `${(100 * all) / Math.max(here, 1)}%`);
    bar.style.setProperty("--passed", `${(100 * passed) / Math.max(here, 1)}%`);
    const count = make("span", "count", `${all}`, make("small", "", done));
    return make("li", "", make("span", "number", `${number}`), bar, count);
  });
  at("steps").style.setProperty("--rows", Math.max(items.length, 5));
  at("steps").replaceChildren(...items);
}

function drawMistakes(mistakes) {
  const list = mistakes?.list ?? [];
  at("none").hidden = list.length > 0;
  at("mistakes-title").textContent = list.length > 0 ? `What is in the way at step ${mistakes.step}` : "What is in the way now";
  const items = list.map(({ count, words }) => {
    return make("li", "", make("b", "", `${count} of ${mistakes.of}`), make("span", "", ...withCode(words)));
  });
  at("mistakes").replaceChildren(...items);
}

// An element of this class, with these children: texts or elements.
function make(name, className, ...children) {
  const element = document.createElement(name);
  if (className) element.className = className;
  element.append(...children);
  return element;
}
