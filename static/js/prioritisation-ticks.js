// “Tick all” over a list of check boxes. Without this module they are ticked one by one.

document.querySelectorAll("[data-tick-all]").forEach((all) => {
  const boxes = [...all.closest("fieldset").querySelectorAll("li input[type=checkbox]")];
  all.closest("label").hidden = false;
  all.addEventListener("change", () => {
    boxes.forEach((box) => {
      box.checked = all.checked;
    });
  });
});
