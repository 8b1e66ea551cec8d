// The select boxes with a search (select2) take no name from their label; hand it on, also to rows added later.
function nameBoxes(root) {
  for (const select of root.querySelectorAll("select.admin-autocomplete")) {
    const name = select.getAttribute("aria-label");
    for (const box of select.parentElement.querySelectorAll(".select2-selection, .select2-selection__rendered")) {
      if (name) box.setAttribute("aria-label", name);
    }
  }
}

window.addEventListener("load", () => nameBoxes(document));
document.addEventListener("formset:added", (event) => setTimeout(() => nameBoxes(event.target)));
