// Makes each dot of a benchmark strip reachable: one tab stop, arrow keys move in order of value, the name shows under the strip.
// Without this module the strip is an image with a text alternative and a tooltip on each dot.

const KEYS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 };

function enhanceDrawing(svg, say) {
  const dots = [...svg.querySelectorAll(".peer")];
  if (dots.length === 0) return;
  svg.setAttribute("role", "group");
  let current = Math.max(0, dots.findIndex((dot) => dot.classList.contains("peer--own")));

  const nameOf = (dot) => dot.querySelector("title")?.textContent ?? "";
  dots.forEach((dot) => {
    dot.setAttribute("role", "img");
    dot.setAttribute("aria-label", nameOf(dot));
    dot.setAttribute("tabindex", "-1");
  });
  dots[current].setAttribute("tabindex", "0");

  const goTo = (index) => {
    dots[current].setAttribute("tabindex", "-1");
    current = Math.min(dots.length - 1, Math.max(0, index));
    dots[current].setAttribute("tabindex", "0");
    dots[current].focus();
  };

  svg.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key in KEYS) goTo(current + KEYS[event.key]);
    else if (event.key === "Home") goTo(0);
    else if (event.key === "End") goTo(dots.length - 1);
    else return;
    event.preventDefault();
  });
  svg.addEventListener("focusin", (event) => say(nameOf(event.target)));
  svg.addEventListener("pointerover", (event) => {
    if (event.target.classList.contains("peer")) say(nameOf(event.target));
  });
  svg.addEventListener("click", (event) => {
    const index = dots.indexOf(event.target);
    if (index >= 0) goTo(index);
  });
}

export function enhanceStrips(root = document) {
  for (const figure of root.querySelectorAll(".strip:not(.is-ready)")) {
    const live = figure.querySelector(".strip__live");
    if (!live) continue;
    figure.classList.add("is-ready");
    for (const svg of figure.querySelectorAll("svg")) enhanceDrawing(svg, (name) => { live.textContent = name; });
  }
}

enhanceStrips();
document.addEventListener("htmx:load", (event) => enhanceStrips(event.target.parentElement ?? document));
