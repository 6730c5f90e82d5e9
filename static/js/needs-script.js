/* Shows what works with scripts only, now that they run. */
for (const element of document.querySelectorAll("[data-needs-script]")) element.hidden = false;
