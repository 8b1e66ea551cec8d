// The select boxes with a search (select2) take no name from their label; hand it on as soon as one is drawn.
function nameBoxes() {
  for (const select of document.querySelectorAll("select.admin-autocomplete[aria-label]")) {
    for (const box of select.parentElement.querySelectorAll(".select2-selection, .select2-selection__rendered")) {
      box.setAttribute("aria-label", select.getAttribute("aria-label"));
    }
  }
}

new MutationObserver(nameBoxes).observe(document.body, { childList: true, subtree: true });
nameBoxes();
