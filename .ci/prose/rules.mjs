// The rules: a sentence that is too long, one that says too often what is done and not who does it, and turns of phrase that
// make a reader go back.

import { split } from "sentence-splitter";
import { StringSource } from "textlint-util-to-string";
import { DIALECT } from "./dialect.mjs";

/** A sentence may have so many words; the style asks for about twenty. */
export const MOST_WORDS = 30;
/** A sentence may have so many passives: with one more, nobody in it does anything. */
const MOST_PASSIVES = 2;

const IRREGULAR =
  "begun|bound|broken|brought|built|bought|caught|chosen|cut|done|drawn|driven|felt|found|given|gone|heard|held|hidden|" +
  "kept|known|laid|left|lost|made|meant|met|paid|put|read|run|said|seen|sent|set|shown|shut|sold|spent|split|spoken|" +
  "taken|taught|thought|thrown|told|torn|understood|woken|won|worn|written";
const PASSIVE = new RegExp(
  String.raw`\b(?:am|is|are|was|were|be|been|being|gets?)\s+(?:(?:not|never|always|also|only|then|still|\w+ly)\s+)?(?:\w{2,}ed|${IRREGULAR})\b`,
  "gi",
);

/** The sentences of a node, with a word in the place of each piece of code. A line that ends in a stop ends a sentence. */
export function sentences(node) {
  const source = new StringSource(node, {
    replacer({ node, maskValue }) {
      return node.type === "Code" ? maskValue("X") : undefined;
    },
  });
  const found = [];
  for (const part of source.toString().matchAll(/(?:[^\n]|(?<![.?!:]["”)]?)\n)+/g)) {
    // A number may end a sentence, too.
    const readable = part[0].replace(/\d(?=\. \p{Lu})/gu, "x");
    for (const { range } of split(readable).filter((it) => it.type === "Sentence")) {
      const index = source.originalIndexFromIndex(part.index + range[0]) ?? 0;
      found.push({ text: part[0].slice(...range), index });
    }
  }
  return found;
}

/** The words of a sentence: what has a letter or a digit in it. */
export function words(sentence) {
  return sentence.split(/[\s—–]+/).filter((it) => /[\p{L}\p{N}]/u.test(it));
}

/** A rule of textlint that says of each sentence what is wrong with it, or nothing. */
function ofEachSentence(judge) {
  return ({ Syntax, RuleError, report, locator }) => {
    const visit = (node) => {
      for (const { text, index } of sentences(node)) {
        const wrong = judge(text.trim());
        if (wrong) report(node, new RuleError(`${wrong}: ${text.trim()}`, { padding: locator.at(index) }));
      }
    };
    return { [Syntax.Paragraph]: visit, [Syntax.TableCell]: visit };
  };
}

export const length = ofEachSentence((sentence) => {
  const count = words(sentence).length;
  return count > MOST_WORDS && `${count} words, and ${MOST_WORDS} are the most`;
});

export const passives = ofEachSentence((sentence) => {
  const found = sentence.match(PASSIVE) ?? [];
  return found.length > MOST_PASSIVES && `${found.length} passives (${found.join(", ")}): say who does it`;
});

export const dialect = ofEachSentence((sentence) => {
  const [pattern, instead] = DIALECT.find(([pattern]) => pattern.test(sentence)) ?? [];
  return pattern && `"${sentence.match(pattern)[0].trim()}": ${instead}`;
});
