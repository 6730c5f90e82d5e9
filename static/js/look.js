// Counts that an indicator's page was opened, once it is seen: nothing is kept in the browser, nothing told of the reader.

const place = document.querySelector("meta[name=look]");

function count() {
  // A look that is not counted, for want of a line, is no loss to the reader.
  fetch(place.content, { method: "POST", credentials: "omit", keepalive: true }).catch(() => {});
}

if (place) {
  if (document.visibilityState === "visible") count();
  else document.addEventListener("visibilitychange", count, { once: true });
}
