// Drags rows and the line of the shared list. Without this module, and by keyboard, the arrow buttons move them.

let dragged = null;

const rows = () => [...document.querySelectorAll("#shared tbody tr")];
const placeOf = (row) => rows().filter((one) => one.dataset.code).indexOf(row) + 1;

function makeDraggable() {
  rows().forEach((row) => {
    row.draggable = true;
  });
}

function clear() {
  rows().forEach((row) => row.classList.remove("is-dragged", "is-before", "is-after"));
  dragged = null;
}

function isUpperHalf(row, event) {
  const box = row.getBoundingClientRect();
  return event.clientY < box.top + box.height / 2;
}

// How many candidates stand above the gap that the pointer is at.
function gapAt(row, event) {
  const above = rows().slice(0, rows().indexOf(row) + (isUpperHalf(row, event) ? 0 : 1));
  return above.filter((one) => one.dataset.code).length;
}

function moveTo(value) {
  const form = document.getElementById("shared");
  const values = { move: value, csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value };
  window.htmx.ajax("POST", form.action, { target: "#shared", swap: "outerHTML", values });
}

document.addEventListener("dragstart", (event) => {
  const row = event.target.closest?.("#shared tbody tr");
  if (!row) return;
  dragged = row;
  row.classList.add("is-dragged");
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", row.id);
});

document.addEventListener("dragover", (event) => {
  const row = event.target.closest?.("#shared tbody tr");
  if (!dragged || !row) return;
  event.preventDefault();
  rows().forEach((one) => one.classList.remove("is-before", "is-after"));
  row.classList.add(isUpperHalf(row, event) ? "is-before" : "is-after");
});

document.addEventListener("drop", (event) => {
  const row = event.target.closest?.("#shared tbody tr");
  if (!dragged || !row) return;
  event.preventDefault();
  const gap = gapAt(row, event);
  if (dragged.dataset.code) {
    const from = placeOf(dragged);
    moveTo(`${dragged.dataset.code}|to:${gap >= from ? gap : gap + 1}`);
  } else {
    moveTo(`|to:${gap}`);
  }
  clear();
});

document.addEventListener("dragend", clear);

// A screen that follows others must not tear a row out of the hand that drags it.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (dragged && event.detail.requestConfig?.verb === "get") event.detail.shouldSwap = false;
});
document.addEventListener("htmx:afterSettle", makeDraggable);
makeDraggable();
