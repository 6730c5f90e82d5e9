// The entry grid as a sheet: cells are saved as they are left, keys move between them, a block from a spreadsheet fills them.
// Without this module the same table is a plain form.

import { isHeading, parseBlock } from "./entry-paste.js";
import { Saving } from "./entry-saving.js";

const FIELDS = ["value", "absence", "numerator", "denominator", "comment", "link"];
const NOTHING = Object.fromEntries(FIELDS.map((name) => [name, ""]));
const form = document.getElementById("entry");
const words = JSON.parse(document.getElementById("entry-texts").textContent);
const status = document.getElementById("saved");
const toSubmit = document.getElementById("to-submit");
const stored = new Map(); // key → the texts that the server holds
const failed = new Set(); // cells whose text could not be stored
const undone = []; // what was saved, newest last: lists of {key, before}
let paste = null; // the paste that is being saved
let leaving = false;
let note = ""; // what is said when all is saved

const say = (text, values = {}) => text.replace(/%\((\w+)\)s/g, (_all, name) => values[name]);
const input = (key, name) => form.elements[`${name}:${key}`];
const cellOf = (key) => form.querySelector(`td[data-cell="${key}"]`);
const keys = () => [...form.querySelectorAll("td[data-cell]")].map((cell) => cell.dataset.cell);
const texts = (key) => Object.fromEntries(FIELDS.map((name) => [name, (input(key, name)?.value ?? "").replace(/\r\n/g, "\n").trim()]));
const same = (a, b) => FIELDS.every((name) => a[name] === b[name]);
const changed = (key) => !same(texts(key), stored.get(key));
const follows = (key) => texts(key).numerator !== "" && texts(key).denominator !== "";

function write(key, values) {
  for (const name of FIELDS) if (input(key, name) && name in values) input(key, name).value = values[name];
  input(key, "value").readOnly = follows(key);
}

// ── saving ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

const saving = new Saving({
  url: form.dataset.cell,
  token: form.elements.csrfmiddlewaretoken.value,
  body(key) {
    const body = new FormData();
    body.set("cell", key);
    body.set("seen", input(key, "seen").value);
    body.set("evidence", cellOf(key).dataset.evidence ?? "");
    for (const [name, text] of Object.entries(texts(key))) body.set(name, name === "value" && follows(key) ? "" : text);
    sent.set(key, texts(key));
    return body;
  },
  heard: (key, outcome, answer) => ({ saved: onSaved, fault: onFault, refused: onFault, conflict: onConflict })[outcome](key, answer),
  changed(state, key) {
    for (const other of form.querySelectorAll(".is-saving")) other.classList.remove("is-saving");
    if (state === "saving") {
      cellOf(key).classList.add("is-saving");
      stateOf(key, words.saving);
      if (status.textContent !== words.saving) announce(words.saving);
    } else if (state !== "idle") {
      stateOf(key, words.not_saved);
      announce(words[state]);
    } else onIdle();
  },
});
const sent = new Map(); // key → the texts that are on their way

function queue(key) {
  if (changed(key) || failed.has(key)) saving.add(key);
}

function onSaved(key, answer) {
  const before = stored.get(key);
  const kept = ["", "cleared"].includes(answer.state) ? {} : sent.get(key);
  const now = { ...NOTHING, ...kept, value: answer.value, absence: answer.absence };
  if (same(texts(key), sent.get(key))) write(key, now);
  stored.set(key, now);
  settle(key, answer);
  if (undoing.delete(key)) note = say(words.undone, { cell: input(key, "value").ariaLabel });
  else if (!same(before, now)) {
    const group = paste?.keys.has(key) ? paste.group : [];
    if (!group.length) undone.push(group);
    group.push({ key, before });
  }
  if (answer.state === "approved") reload(key);
  if (paste?.keys.has(key)) paste.done += 1;
}

function settle(key, answer) {
  failed.delete(key);
  input(key, "seen").value = answer.seen;
  const cell = cellOf(key);
  cell.dataset.state = answer.state;
  cell.classList.toggle("is-asking", answer.asks === true);
  cell.classList.remove("is-failing");
  input(key, "value").placeholder = answer.mark;
  for (const name of FIELDS) input(key, name)?.removeAttribute("aria-invalid");
  stateOf(key, answer.stateWord);
  talk(key, answer.talk);
}

function onFault(key, answer) {
  const why = answer.refused ?? answer.faults.join(" ");
  if (paste?.keys.has(key)) {
    const place = paste.keys.get(key);
    write(key, stored.get(key));
    stateOf(key, place.state);
    paste.unread.push({ ...place, why });
    return;
  }
  undoing.delete(key);
  fail(key, answer.talk, answer.fields ?? ["value"]);
  announce(`${words.not_saved}. ${why}`);
}

function onConflict(key, answer) {
  input(key, "seen").value = answer.seen;
  undoing.delete(key);
  fail(key, answer.talk, ["value"]);
  announce(answer.conflict);
}

function fail(key, html, fields) {
  failed.add(key);
  cellOf(key).classList.add("is-failing");
  stateOf(key, words.not_saved);
  for (const name of fields) input(key, name)?.setAttribute("aria-invalid", "true");
  talk(key, html);
}

function onIdle() {
  if (paste) report();
  else if (!failed.size) announce(note || words.all_saved);
  note = "";
  if (leaving && !failed.size) location.assign(toSubmit.href);
  leaving = false;
}

// How a cell stands now, from the server: after "keep theirs", and where an approved value stands again.
async function reload(key) {
  const answer = await fetch(`${form.dataset.cell}?cell=${encodeURIComponent(key)}`, { headers: { Accept: "application/json" } });
  if (!answer.ok) return;
  const found = await answer.json();
  stored.set(key, found.texts);
  write(key, found.texts);
  settle(key, found);
  document.getElementById(`h-${key}`).textContent = found.history;
}

const stateOf = (key, text) => {
  document.getElementById(`s-${key}`).textContent = text;
};
const announce = (text) => {
  status.textContent = text;
};

// The answer's markup is made by the server from the page's own template.
function talk(key, html) {
  const place = document.getElementById(`m-${key}`);
  const fresh = new DOMParser().parseFromString(html, "text/html");
  place.replaceChildren(...fresh.body.childNodes);
  const word = form.querySelector(`fieldset[data-set="${key}"] > legend:not(.visually-hidden)`)?.textContent;
  if (word && place.firstElementChild) {
    const title = document.createElement("p");
    title.className = "entry__word";
    title.textContent = word;
    place.firstElementChild.prepend(title);
  }
}

// ── taking back ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const undoing = new Set();

function undo() {
  const group = undone.pop();
  if (!group) return announce(words.nothing_to_undo);
  for (const { key, before } of group) {
    write(key, before);
    if (!changed(key)) continue;
    undoing.add(key);
    saving.add(key);
  }
  return select(group[0].key);
}

// ── moving ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

const grid = () => [...form.querySelectorAll("tbody")].map((line) => [...line.querySelectorAll("td.entry__cell")]);

function placeOf(field) {
  const cell = field.closest("td");
  const rows = grid();
  const row = rows.findIndex((cells) => cells.includes(cell));
  return { rows, row, column: rows[row].indexOf(cell) };
}

function select(key) {
  const field = input(key, "value");
  field.focus();
  field.select();
}

function move(field, down, right) {
  const { rows, row, column } = placeOf(field);
  for (let r = row + down, c = column + right; rows[r]?.[c]; r += down, c += right) {
    if (rows[r][c].dataset.cell) {
      select(rows[r][c].dataset.cell);
      return true;
    }
  }
  return false;
}

function onKey(event) {
  const field = event.target;
  const key = field.closest?.("td[data-cell]")?.dataset.cell;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && !event.shiftKey) {
    // While a text is being changed the browser's own undo takes that back first.
    const own = field.name?.includes(":") ? field.value !== stored.get(field.name.split(":")[1])?.[field.name.split(":")[0]] : false;
    if (own) return;
    event.preventDefault();
    undo();
    return;
  }
  if (!key || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") {
    write(key, stored.get(key));
    if (failed.has(key)) reload(key);
    field.select();
    return;
  }
  const all = field.selectionStart === 0 && field.selectionEnd === field.value.length;
  const steps = {
    Enter: [event.shiftKey ? -1 : 1, 0],
    ArrowDown: [1, 0],
    ArrowUp: [-1, 0],
    ArrowRight: all || field.selectionStart === field.value.length ? [0, 1] : null,
    ArrowLeft: all || field.selectionEnd === 0 ? [0, -1] : null,
  };
  const step = steps[event.key];
  if (!step || (event.shiftKey && event.key !== "Enter")) return;
  event.preventDefault();
  if (!move(field, ...step) && event.key === "Enter") {
    queue(key);
    field.select();
  }
}

// ── pasting ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

function onPaste(event) {
  const field = event.target;
  if (!field.closest?.("td[data-cell]")) return;
  const block = parseBlock(event.clipboardData.getData("text/plain"));
  if (block.length === 1 && block[0].length === 1) return;
  event.preventDefault();
  if (block.length > 1 && isHeading(block[0])) {
    tell(words.heading, []);
    return;
  }
  const { rows, row, column } = placeOf(field);
  paste = { keys: new Map(), group: [], done: 0, all: 0, unread: [] };
  block.forEach((line, down) =>
    line.forEach((text, right) => {
      if (!text.trim()) return;
      paste.all += 1;
      fill(rows[row + down]?.[column + right], { text, row: down + 1, column: right + 1 });
    }),
  );
  if (!saving.busy) onIdle();
}

function fill(cell, place) {
  const key = cell?.dataset.cell;
  if (!key || follows(key)) {
    paste.unread.push({ ...place, cell: key, why: key ? words.follows : words.outside });
    return;
  }
  paste.keys.set(key, { ...place, cell: key, state: document.getElementById(`s-${key}`).textContent });
  write(key, { value: place.text.trim(), absence: "" });
  if (changed(key)) saving.add(key);
  else paste.done += 1;
}

function report() {
  const { done, all, unread } = paste;
  const items = [];
  paste = null;
  announce(say(words.pasted, { done, all }));
  for (const { row, column, text, why, cell } of unread.toSorted((a, b) => a.row - b.row || a.column - b.column)) {
    const item = document.createElement("li");
    const name = cell ? Object.assign(document.createElement("a"), { href: `#v-${cell}`, textContent: input(cell, "value").ariaLabel }) : "";
    item.append(`${say(words.quoted, { text })} (${say(words.row_column, { row, column })})`, name && " ", name, `: ${why}`);
    items.push(item);
  }
  if (items.length) tell(`${say(words.pasted, { done, all })} ${words.unread}`, items);
  else document.getElementById("pasted").hidden = true;
}

function tell(text, items) {
  const box = document.getElementById("pasted");
  const title = document.createElement("p");
  const list = document.createElement("ul");
  const close = document.createElement("button");
  title.append(Object.assign(document.createElement("strong"), { textContent: text }));
  list.append(...items);
  Object.assign(close, { type: "button", className: "button button--quiet", textContent: words.close });
  close.addEventListener("click", () => {
    box.hidden = true;
  });
  box.replaceChildren(title, ...(items.length ? [list] : []), close);
  box.hidden = false;
  box.focus();
}

// ── starting ────────────────────────────────────────────────────────────────────────────────────────────────────────────

function onChange(event) {
  const [name, key] = event.target.name?.split(":") ?? [];
  if (!key || !FIELDS.includes(name)) return;
  // The newest choice counts: a value takes the place of a reason, a reason that of a value.
  if (name === "value" && texts(key).value) write(key, { absence: "" });
  if (name === "absence" && texts(key).absence) write(key, { value: "", numerator: "", denominator: "" });
  if (["numerator", "denominator"].includes(name)) {
    const { numerator, denominator } = texts(key);
    input(key, "value").readOnly = follows(key);
    if (follows(key)) write(key, { absence: "" });
    else if (!numerator && !denominator && stored.get(key).numerator) write(key, { value: "" });
    else if (numerator || denominator) return afterwards(event.target, key);
  }
  queue(key);
}

// Half of a share is sent only where its writer has left for something else than the other half.
function afterwards(field, key) {
  setTimeout(() => {
    if (!field.closest(".entry__parts").contains(document.activeElement)) queue(key);
  });
}

function onAct(event) {
  const button = event.target.closest("[data-act]");
  if (!button) return;
  const { act, key } = button.dataset;
  if (act === "comment") {
    event.preventDefault();
    input(key, "comment").closest("details").open = true;
    input(key, "comment").focus();
  } else {
    if (act === "mine") saving.add(key);
    else reload(key);
    select(key);
  }
}

// What the browser kept of an earlier visit is not what the server holds.
form.reset();
for (const key of keys()) stored.set(key, texts(key));
form.classList.add("is-live");
for (const plain of form.querySelectorAll("[data-plain]")) plain.hidden = true;
for (const live of document.querySelectorAll("[data-live]")) live.hidden = false;
toSubmit.hidden = false;
form.addEventListener("keydown", onKey);
form.addEventListener("paste", onPaste);
form.addEventListener("change", onChange);
form.addEventListener("click", onAct);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  for (const key of keys()) queue(key);
});
toSubmit.addEventListener("click", (event) => {
  for (const key of keys()) if (!failed.has(key)) queue(key);
  if (!saving.busy) return;
  event.preventDefault();
  leaving = true;
});
addEventListener("beforeunload", (event) => {
  if (saving.busy || keys().some(changed)) event.preventDefault();
});
