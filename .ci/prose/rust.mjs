// The texts in a Rust file that are sentences: string literals of four words and more, without the file's tests.

const TOKEN = /\/\/[^\n]*|r(#*)"([\s\S]*?)"\1|'(?:\\.|[^\\'])'|"((?:\\[\s\S]|[^"\\])*)"/g;

/** Each text, with the line that it begins in. What is filled in, `{name}`, reads as one word. */
export function texts(source) {
  const end = source.indexOf("#[cfg(test)]");
  const code = end < 0 ? source : source.slice(0, end);
  const found = [];
  for (const match of code.matchAll(TOKEN)) {
    if (match[3] === undefined) continue;
    const value = match[3]
      .replace(/\\\n\s*/g, "")
      .replace(/\\n/g, "\n")
      .replace(/\\(["\\])/g, "$1")
      .replace(/\{\{|\}\}/g, "")
      .replace(/`[^`\n]*`/g, "Code")
      .replace(/\{[^{}]*\}/g, "it");
    if (value.split(/\s+/).length < 4) continue;
    found.push({ line: code.slice(0, match.index).split("\n").length, value });
  }
  return found;
}

/** The comments of a program, the lines of each joined: the line where it begins, and its text. Marks are left out. */
export function comments(source) {
  const found = [];
  let comment = null;
  for (const [index, line] of source.split("\n").entries()) {
    const text = /^\s*\/\/[/!]? ?(.*)$/.exec(line)?.[1];
    if (text === undefined || /^\[(end )?[a-z-]+\]/.test(text)) {
      comment = null;
    } else if (comment) {
      comment.value += ` ${text}`;
    } else {
      comment = { line: index + 1, value: text };
      found.push(comment);
    }
  }
  return found;
}
