// Questions that hang on an answer of the same page show and go at once. Without this the server shows them when the page is sent.

const form = document.getElementById("answers");
const byCode = new Map([...form.querySelectorAll("[data-question]")].map((question) => [question.dataset.question, question]));

function shows(question) {
  const decides = byCode.get(question.dataset.shownBy);
  if (!decides) return !question.hidden; // answered on another page: the server has said
  const wanted = question.dataset.shownValues.split(" ");
  return !decides.hidden && [...decides.querySelectorAll("input:checked")].some((input) => wanted.includes(input.value));
}

function update() {
  for (const question of byCode.values()) {
    if (!question.dataset.shownBy) continue;
    question.hidden = !shows(question);
    question.disabled = question.hidden;
  }
}

form.addEventListener("change", update);
window.addEventListener("pageshow", update); // what the browser filled in again after “back” counts too
