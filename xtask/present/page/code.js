// Code on a page: the lines of a change with their signs, or those of the code as it is.

import { element } from "./draw.js";

// What is given is not shown: nobody reads so many lines from the back of a room.
const tooMany = (count) => `${count} lines change here, and nobody types them. They are in the editor.`;

export function files(changes) {
  const files = changes.map((change) => {
    const changed = change.hunks.flatMap(({ lines }) => lines).filter((line) => line.kind !== "stays");
    const lines = change.given ? [element("p", "", tooMany(changed.length))] : change.hunks.map(changedLines);
    return element("figure", "", element("figcaption", "", change.file), ...lines);
  });
  return element("div", "files", ...files);
}

// Lines of one place. The indent that all have in common is left out: it says nothing, and takes room. Those that change
// may have more of it in common: that is left out where they stand alone.
function changedLines({ lines }) {
  const common = commonIndent(lines);
  const made = element("ol", "", ...lines.map((line) => changedLine(line, common)));
  const changed = lines.filter((line) => line.kind !== "stays");
  const more = changed.length ? commonIndent(changed) - common : 0;
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
