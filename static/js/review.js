// The review queue by keyboard, ticking a whole department, and how many are ticked. Without this the form does the same.

const form = document.getElementById("queue");
const cells = [...form.querySelectorAll("[data-review-cell]")];
const boxes = (within) => [...within.querySelectorAll('input[name="cell"]:not(:disabled)')];

function focusOn(cell) {
  cells.forEach((other) => { other.tabIndex = other === cell ? 0 : -1; });
  cell.focus();
  cell.scrollIntoView({ block: "nearest" });
}

function showCount() {
  const count = boxes(form).filter((box) => box.checked).length;
  form.querySelector("[data-review-count]").textContent = count ? form.dataset.counted.replace("{count}", count) : "";
  form.querySelectorAll(".review-department").forEach((department) => {
    const own = boxes(department);
    const all = department.querySelector("[data-review-all]");
    const ticked = own.filter((box) => box.checked).length;
    all.checked = own.length > 0 && ticked === own.length;
    all.indeterminate = ticked > 0 && ticked < own.length;
    all.disabled = own.length === 0;
  });
}

const KEYS = {
  j: (cell) => focusOn(cells[Math.min(cells.indexOf(cell) + 1, cells.length - 1)]),
  k: (cell) => focusOn(cells[Math.max(cells.indexOf(cell) - 1, 0)]),
  " ": (cell) => boxes(cell).forEach((box) => box.click()),
  a: (cell) => cell.querySelector('button[value^="approve "]')?.click(),
  r: (cell) => {
    cell.querySelector("details").open = true;
    cell.querySelector("textarea").focus();
  },
};
KEYS.ArrowDown = KEYS.j;
KEYS.ArrowUp = KEYS.k;

// Letters count only while a value itself has the focus, never in a field: nothing is decided by a stray key.
form.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const cell = event.target.closest("[data-review-cell]");
  if (!cell) return;
  if (event.key === "Escape" && event.target !== cell) {
    event.preventDefault();
    focusOn(cell);
  } else if (event.target === cell && Object.hasOwn(KEYS, event.key)) {
    event.preventDefault();
    KEYS[event.key](cell);
  }
});

form.addEventListener("change", (event) => {
  if (event.target.matches("[data-review-all]")) {
    boxes(event.target.closest(".review-department")).forEach((box) => { box.checked = event.target.checked; });
  }
  showCount();
});

// Nothing is sent back without a note; said at its field, so that the page and its ticks stay as they are.
form.addEventListener("submit", (event) => {
  const [act, key] = (event.submitter?.value ?? "").split(" ");
  if (act !== "return") return;
  const note = document.getElementById(key ? `note-${key}` : "note");
  note.setCustomValidity(note.value.trim() ? "" : form.dataset.noteWanted);
  if (!note.reportValidity()) event.preventDefault();
});
form.addEventListener("input", (event) => {
  if (event.target.matches("textarea")) event.target.setCustomValidity("");
});

cells.forEach((cell, place) => { cell.tabIndex = place === 0 ? 0 : -1; });
showCount();
// After a decision the next value has the focus. The browser goes to the address's fragment at the end of loading, and
// would take the focus away again if this came before.
if (location.hash === "#queue" && cells.length > 0) {
  addEventListener("load", () => setTimeout(() => {
    focusOn(cells[0]);
    form.scrollIntoView(); // what came of the decision stands above the values
  }));
}
