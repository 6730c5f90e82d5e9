// A block as a spreadsheet puts it on the clipboard: cells between tabs, rows between line ends, quoted where a cell holds either.

// Rows of texts. A quote opens a quoted cell only where the cell begins with it and another one closes it.
export function parseBlock(text) {
  const rows = [[]];
  let at = 0;
  while (at <= text.length) {
    const [cell, next] = readCell(text, at);
    rows.at(-1).push(cell);
    const mark = text[next];
    if (mark === undefined) break;
    at = next + 1;
    if (mark === "\r" && text[at] === "\n") at += 1;
    if (mark !== "\t") {
      if (at >= text.length) break;
      rows.push([]);
    }
  }
  return rows;
}

function readCell(text, start) {
  if (text[start] === '"') {
    const quoted = readQuoted(text, start + 1);
    if (quoted) return quoted;
  }
  let end = start;
  while (end < text.length && !"\t\r\n".includes(text[end])) end += 1;
  return [text.slice(start, end), end];
}

function readQuoted(text, start) {
  let cell = "";
  for (let at = start; at < text.length; at += 1) {
    if (text[at] !== '"') cell += text[at];
    else if (text[at + 1] === '"') {
      cell += '"';
      at += 1;
    } else return at + 1 === text.length || "\t\r\n".includes(text[at + 1]) ? [cell, at + 1] : null;
  }
  return null;
}

// Words and no number in any of its cells: the heading of the columns, which would push every value one row down.
export function isHeading(row) {
  const filled = row.filter((cell) => cell.trim());
  return filled.length > 0 && filled.every((cell) => /\p{L}/u.test(cell) && !/\d/.test(cell));
}
