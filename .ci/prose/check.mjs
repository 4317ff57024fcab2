// Reads every sentence that a person reads: all Markdown, the comments of the solutions, and the texts of the diagnoses and of
// the causes of compile errors.
// Rules: rules.mjs and dialect.mjs. What they are wrong about stands in exceptions.json, with the reason.
// It also prints how easy the README and each step's README are to read.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { TextlintKernel } from "@textlint/kernel";
import markdown from "@textlint/textlint-plugin-markdown";
import plain from "@textlint/textlint-plugin-text";
import { readingEase } from "./ease.mjs";
import { dialect, length, passives } from "./rules.mjs";
import { comments, texts } from "./rust.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");
const interop = (module) => module.default ?? module;

/** Rust files with sentences that a learner reads. */
const RUST = /^xtask\/(checks\/src|compiler\/src\/causes)\/.*\.rs$|^xtask\/compiler\/src\/kinds\.rs$|^xtask\/src\/cli\.rs$/;

/** Programs whose comments a learner reads. The starters have the same. */
const PROGRAM = /^solutions\/.*\.rs$/;

const kernel = new TextlintKernel();
const options = {
  plugins: [
    { pluginId: "markdown", plugin: interop(markdown) },
    { pluginId: "text", plugin: interop(plain) },
  ],
  rules: [
    { ruleId: "length", rule: length },
    { ruleId: "passives", rule: passives },
    { ruleId: "dialect", rule: dialect },
  ],
};

async function wrongIn(text, ext) {
  const { messages } = await kernel.lintText(text, { ...options, ext, filePath: `text${ext}` });
  return messages;
}

/** What is wrong in a file: the line, the rule and its words. */
async function read(path) {
  const text = readFileSync(join(root, path), "utf8");
  if (!path.endsWith(".rs")) return (await wrongIn(text, ".md")).map((it) => ({ path, ...it }));
  const found = [];
  for (const { line, value } of PROGRAM.test(path) ? comments(text) : texts(text)) {
    for (const it of await wrongIn(value, ".txt")) {
      found.push({ path, ...it, line });
    }
  }
  return found;
}

/** The rules find what they are for: each line of bad.txt is refused. */
async function provesItself() {
  for (const line of readFileSync(join(here, "bad.txt"), "utf8").split("\n").filter(Boolean)) {
    if ((await wrongIn(line, ".txt")).length === 0) throw new Error(`nothing is found wrong with: ${line}`);
  }
}

await provesItself();
const files = execFileSync("git", ["ls-files"], { cwd: root, encoding: "utf8" }).split("\n");
const paths = files.filter((it) => it.endsWith(".md") || RUST.test(it) || PROGRAM.test(it));
const exceptions = JSON.parse(readFileSync(join(here, "exceptions.json"), "utf8"));
const used = new Set();
let wrong = 0;
for (const path of paths) {
  for (const it of await read(path)) {
    const line = readFileSync(join(root, path), "utf8").split("\n")[it.line - 1];
    const except = exceptions.find((e) => e.file === path && (it.message.includes(e.text) || line.includes(e.text)));
    if (except) {
      used.add(except);
      continue;
    }
    wrong += 1;
    console.log(`${path}:${it.line}: ${it.ruleId}: ${it.message}`);
  }
}
for (const it of exceptions) {
  if (!it.reason) throw new Error(`an exception has no reason: ${it.text}`);
  if (!used.has(it)) {
    wrong += 1;
    console.log(`.ci/prose/exceptions.json: nothing needs the exception any more: ${it.file}: ${it.text}`);
  }
}
console.log("\nreading ease (Flesch; 60 to 70 is plain English, more is easier)");
for (const path of paths.filter((it) => /^(README|exercises\/[^/]+\/README)\.md$/.test(it))) {
  const { ease, wordsEach, count } = readingEase(readFileSync(join(root, path), "utf8"));
  console.log(`${ease.toFixed(0).padStart(4)}  ${wordsEach.toFixed(1).padStart(5)} words a sentence  ${String(count).padStart(5)} words  ${path}`);
}
console.log(wrong === 0 ? `\n${paths.length} files read, nothing found` : `\n${wrong} sentences to change; what a rule is wrong about goes into .ci/prose/exceptions.json, with the reason`);
process.exitCode = wrong === 0 ? 0 : 1;
