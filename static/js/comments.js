// Comments by keyboard, and words that are marked in a comment go into its field. Without this the forms do the same.

const list = document.getElementById("comment-list");
const comments = list ? [...list.querySelectorAll("[data-comment]")] : [];

function focusOn(comment) {
  comments.forEach((other) => { other.tabIndex = other === comment ? 0 : -1; });
  comment.focus();
  comment.scrollIntoView({ block: "nearest" });
}

const press = (comment, decision) => comment.querySelector(`button[value="${decision}"]`)?.click();
const KEYS = {
  j: (comment) => focusOn(comments[Math.min(comments.indexOf(comment) + 1, comments.length - 1)]),
  k: (comment) => focusOn(comments[Math.max(comments.indexOf(comment) - 1, 0)]),
  b: (comment) => press(comment, "keep"),
  c: (comment) => press(comment, "quote"),
  d: (comment) => comment.querySelector('input[name="part"]')?.focus(),
};
KEYS.ArrowDown = KEYS.j;
KEYS.ArrowUp = KEYS.k;

// Letters count only while a comment itself has the focus, never in a field: nothing is decided by a stray key.
list?.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const comment = event.target.closest("[data-comment]");
  if (event.key === "Escape" && event.target !== comment) {
    focusOn(comment);
  } else if (event.target === comment && Object.hasOwn(KEYS, event.key)) {
    event.preventDefault();
    KEYS[event.key](comment);
  }
});

document.addEventListener("selectionchange", () => {
  const marked = document.getSelection();
  const comment = marked?.anchorNode?.parentElement?.closest("[data-comment-text]")?.closest("[data-comment]");
  const field = comment?.querySelector('input[name="part"]');
  const text = marked?.toString().trim();
  if (field && text && text.length <= field.maxLength) field.value = text;
});

if (comments.length) {
  comments.forEach((comment, place) => { comment.tabIndex = place === 0 ? 0 : -1; });
  // After a decision the next text has the focus, once the browser has gone to the place in the address.
  if (location.hash === "#comments") addEventListener("load", () => setTimeout(focusOn, 0, comments[0]));
}
