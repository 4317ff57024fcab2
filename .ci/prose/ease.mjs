// How easy a Markdown text is to read, by Flesch's formula: short sentences, short words.

import { flesch } from "flesch";
import { syllable } from "syllable";
import markdown from "@textlint/textlint-plugin-markdown";
import { sentences, words } from "./rules.mjs";

const Processor = (markdown.default ?? markdown).Processor;

/** The paragraphs and cells below a node. */
function* paragraphs(node) {
  if (node.type === "Paragraph" || node.type === "TableCell") yield node;
  else for (const child of node.children ?? []) yield* paragraphs(child);
}

/** The figure, and what it is made of. Code counts as one short word; code blocks and headings are left out. */
export function readingEase(text) {
  const root = new Processor({}).processor(".md").preProcess(text, "text.md");
  const all = [...paragraphs(root)].flatMap((node) => sentences(node).map((it) => it.text));
  const real = all.filter((it) => words(it).length > 2);
  const list = real.flatMap(words);
  const syllables = list.reduce((sum, word) => sum + (syllable(word) || 1), 0);
  const counts = { sentence: real.length, word: list.length, syllable: syllables };
  return { ease: flesch(counts), wordsEach: list.length / real.length, count: list.length };
}
