// Shows of a definition's form what its source needs, and brings the question about comparability into view.
// Without JavaScript all fields are there, and what does not belong to the source is emptied when the form is stored.

const needed = { kolada_id: "kolada", respondents_kolada_id: "kolada", formula: "computed" };
const source = document.querySelector("#id_source");

function show() {
  for (const [name, wanted] of Object.entries(needed)) {
    const field = document.querySelector(`#id_${name}`)?.closest(".field");
    if (field) field.hidden = source.value !== wanted && !field.classList.contains("field--error");
  }
}

if (source) {
  source.addEventListener("change", show);
  show();
}
document.querySelector("#comparability")?.focus();
