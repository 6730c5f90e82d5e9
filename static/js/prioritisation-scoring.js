// Saves each score as it is chosen. Without this module the form's own button saves them.

const form = document.querySelector("form.scoring");
const said = form?.querySelector(".scoring__said");
const waiting = new Map(); // a field's newest value, while an earlier one is on its way
let sending = false;

function tell(text, failed = false) {
  said.textContent = text;
  said.classList.toggle("is-failed", failed);
}

function showProgress(words) {
  const shown = document.querySelector("#scored .muted");
  const bar = document.querySelector("#scored progress");
  if (!shown || !bar) return;
  shown.textContent = words;
  bar.textContent = words;
  bar.value = Number.parseInt(words, 10);
}

async function send(values) {
  const body = new FormData();
  body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  values.forEach((value, field) => body.set(field, value));
  const answer = await fetch(form.action, { method: "POST", body, headers: { "X-Requested-With": "fetch" } });
  const words = await answer.text();
  if (answer.status === 409) return tell(words, true);
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  showProgress(words);
  return tell(form.dataset.saved);
}

// One request at a time, so that of two quick choices the later one stays.
async function saveWaiting() {
  if (sending) return;
  sending = true;
  while (waiting.size > 0) {
    const values = new Map(waiting);
    waiting.clear();
    tell(form.dataset.saving);
    try {
      await send(values);
    } catch {
      // What was not saved goes along with the next choice, unless it has been chosen anew.
      values.forEach((value, field) => waiting.has(field) || waiting.set(field, value));
      tell(form.dataset.failed, true);
      break;
    }
  }
  sending = false;
}

form?.addEventListener("change", (event) => {
  if (!event.target.name?.includes("|")) return;
  waiting.set(event.target.name, event.target.value);
  saveWaiting();
});

window.addEventListener("online", saveWaiting);
window.addEventListener("beforeunload", (event) => {
  if (sending || waiting.size > 0) event.preventDefault();
});
