// The wire: frames as rows, those of the left window in the left column and those of the right one in the right.
//
// A mouse sends sixty moves a second, and as many come down. So what belongs together is one row, with a count and the newest
// text: the same event, in the same window and direction, at most half a second apart.

import { at, element } from "./draw.js";

const KEPT = 200; // Frames that the page keeps.
const TOGETHER = 0.5; // Seconds.
const RESTART = 5; // Seconds: what a restart cuts and what connects again after it.
let frames = [];
let willDraw = false;

export function framesCame(message) {
  if (message.reset) frames = [];
  frames = frames.concat(message.frames).slice(-KEPT);
  if (willDraw) return;
  willDraw = true;
  // However many come, they are drawn once for each picture that the screen shows.
  requestAnimationFrame(() => {
    willDraw = false;
    at("frames").replaceChildren(...rows(frames).map(drawRow));
    toTheNewest();
  });
}

let isFollowing = true; // Who has scrolled up wants to read, and is left there.

export function beginWire() {
  const list = at("frames");
  list.onscroll = () => (isFollowing = list.scrollTop + list.clientHeight >= list.scrollHeight - 4);
  // Where it gets another height, the newest is still to be seen.
  new ResizeObserver(toTheNewest).observe(list);
}

function toTheNewest() {
  if (isFollowing) at("frames").scrollTop = at("frames").scrollHeight;
}

const isFrame = (frame) => frame.kind === "text" || frame.kind === "binary";

// Frames as rows: each has its newest frame and how many it stands for.
function rows(frames) {
  const rows = [];
  for (const frame of frames) {
    if (!isFrame(frame)) {
      connection(frame, rows);
      continue;
    }
    // Moves of one mouse go up in one window and down in the others: the rows of one event lie beside each other.
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

// What becomes of connections. A new program cuts all of them and all come again: that is one thing, and one row.
function connection(frame, rows) {
  const last = rows.at(-1);
  const row = last?.ends && frame.at - last.newest.at <= RESTART ? last : { ends: [], name: "" };
  if (row !== last) rows.push(row);
  row.newest = frame;
  row.ends.push(frame);
}

function belongs(frame, before) {
  const same = ["window", "direction", "shape"].every((part) => frame[part] === before[part]);
  return same && frame.at - before.at <= TOGETHER;
}

// The name of an event, `spy` in `["spy",1,2]`; of what is none, nothing.
function eventName(frame) {
  return frame.kind === "text" ? (/^\s*\[\s*"([^"]*)"/.exec(frame.text)?.[1] ?? null) : null;
}

function drawRow(row) {
  if (row.ends) return element("li", "of-the-connection", connectionText(row.ends));
  const { newest, count } = row;
  const sign = newest.direction === "up" ? "↑ up" : "↓ down";
  const text = newest.kind === "text" ? visible(newest.text) : `${newest.bytes} bytes, binary`;
  const cell = element("div", "", element("span", "way", sign), element("span", "text", text));
  if (count > 1) cell.append(element("span", "count", `×${count}`));
  if (newest.shape) cell.append(element("span", "shape", newest.shape));
  const item = element("li", `${newest.direction} ${newest.window}`, cell);
  item.setAttribute("aria-label", `${newest.window} window`);
  return item;
}

// `left, right: cut off, and connected again`
function connectionText(ends) {
  const windows = [...new Set(ends.map((frame) => frame.window))].sort();
  const was = (window, kind) => ends.some((frame) => frame.window === window && frame.kind === kind);
  const what = (window) => {
    const last = ends.findLast((frame) => frame.window === window);
    const isOpen = last.kind === "open";
    const wasCut = was(window, "end") || was(window, "close");
    if (isOpen) return wasCut ? "connected again" : "connected";
    const closed = ends.findLast((frame) => frame.window === window && frame.kind === "close");
    return closed ? `closed ${visible(closed.text ?? "")}`.trim() : "cut off";
  };
  const said = windows.map(what);
  const names = (list) => list.map((window) => (window === "other" ? "another window" : window)).join(", ");
  if (new Set(said).size === 1) return `${names(windows)}: ${said[0]}`;
  return windows.map((window, index) => `${names([window])}: ${said[index]}`).join(" · ");
}

// Letters that are not seen, or that turn the ones after them around, as what they are: `\u{202e}`. A frame is whatever an
// app has sent, and what the class reads must be what was on the wire. Emoji are joined by one of them, and stay whole.
function visible(text) {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (letter) => (letter === "\u200d" ? letter : `\\u{${letter.codePointAt(0).toString(16)}}`));
}
