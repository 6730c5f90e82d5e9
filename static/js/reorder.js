// Lists whose items can be put in another order. Without this module the two buttons of each item post and the page comes back.
// With it they move the item at once, a handle can be dragged, and the server's sentence about the new place is said aloud.
// A list has data-reorder, its items data-reorder-item, each with a form data-reorder-form that takes step, or place from 1.

const live = document.getElementById("reorder-live");
const itemsOf = (list) => [...list.children].filter((child) => "reorderItem" in child.dataset);
const listOf = (item) => item.parentElement;
const formOf = (item) => item.querySelector("form[data-reorder-form]");

function showEnds(list) {
  const items = itemsOf(list);
  items.forEach((item, index) => {
    const [up, down] = formOf(item).querySelectorAll("button[name=step]");
    up.disabled = index === 0;
    down.disabled = index === items.length - 1;
  });
}

function put(item, index) {
  const list = listOf(item);
  const others = itemsOf(list).filter((one) => one !== item);
  if (index >= others.length) others.at(-1).after(item);
  else others[index].before(item);
  showEnds(list);
}

// One at a time, so that the last place asked for is the last one stored.
let before = Promise.resolve();
function store(item, from) {
  const to = itemsOf(listOf(item)).indexOf(item);
  if (to !== from) before = before.then(() => send(item, from, to));
}

async function send(item, from, to) {
  const form = formOf(item);
  const data = new FormData(form);
  data.set("place", String(to + 1));
  try {
    const answer = await fetch(form.action, { method: "POST", body: data, headers: { "X-Requested-With": "reorder" } });
    const said = await answer.text();
    if (!answer.ok || answer.redirected) throw new Error(said);
    live.textContent = said;
  } catch {
    put(item, from); // what the page shows is what is stored
    form.dataset.plainly = "yes"; // and the ordinary way shows why it could not be
    form.requestSubmit(form.querySelector(to > from ? "button[value='1']" : "button[value='-1']"));
  }
}

function enhanceButtons(item) {
  formOf(item).addEventListener("submit", (event) => {
    if (event.target.dataset.plainly) return;
    event.preventDefault();
    const from = itemsOf(listOf(item)).indexOf(item);
    put(item, from + Number(event.submitter.value));
    const button = event.submitter.disabled ? formOf(item).querySelector("button:not(:disabled)") : event.submitter;
    button?.focus();
    store(item, from);
  });
}

function enhanceHandle(item) {
  const handle = document.createElement("span");
  handle.className = "gov-handle";
  handle.setAttribute("aria-hidden", "true"); // the buttons beside it do the same by keyboard
  formOf(item).append(handle);
  let from = -1;
  const over = (event) => {
    const others = itemsOf(listOf(item)).filter((one) => one !== item);
    const index = others.findIndex((one) => {
      const box = one.getBoundingClientRect();
      return event.clientY < box.top + box.height / 2;
    });
    put(item, index < 0 ? others.length : index);
  };
  const end = () => {
    item.classList.remove("is-dragged");
    document.removeEventListener("pointermove", over);
    document.removeEventListener("pointerup", end);
    document.removeEventListener("pointercancel", end);
    store(item, from);
  };
  // On the document: an element that is moved inside the page loses the pointer.
  handle.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || itemsOf(listOf(item)).length < 2) return;
    event.preventDefault();
    from = itemsOf(listOf(item)).indexOf(item);
    item.classList.add("is-dragged");
    document.addEventListener("pointermove", over);
    document.addEventListener("pointerup", end);
    document.addEventListener("pointercancel", end);
  });
}

for (const list of document.querySelectorAll("[data-reorder]")) {
  for (const item of itemsOf(list)) {
    enhanceButtons(item);
    enhanceHandle(item);
  }
}
