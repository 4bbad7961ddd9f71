// What a page can do when scripts run: sort galleries, and let the keyboard reach what scrolls. Nothing is fetched.
"use strict";

for (const gallery of document.querySelectorAll("[data-gallery]")) {
  const form = gallery.querySelector("form");
  const tiles = [...gallery.querySelectorAll("li")];

  function choose() {
    const wanted = new FormData(form);
    const most = Number(wanted.get("difficulty"));
    form.querySelector("output").value = most.toFixed(2);
    let count = 0;
    for (const tile of tiles) {
      const fits = ["digit", "split", "stratum"].every((name) => !wanted.get(name) || wanted.get(name) === tile.dataset[name]);
      tile.hidden = !fits || Number(tile.dataset.difficulty) > most;
      count += !tile.hidden;
    }
    for (const list of gallery.querySelectorAll("ul")) {
      list.hidden = list.previousElementSibling.hidden = !list.querySelector("li:not([hidden])");
    }
    form.querySelector("[role=status]").textContent =
      `${count.toLocaleString("en")} of ${tiles.length.toLocaleString("en")} images`;
  }

  form.hidden = false;
  form.addEventListener("input", choose);
  form.addEventListener("submit", (event) => event.preventDefault());
  choose();
}

// Code and tables that are wider than the page scroll; without this, only a pointer could scroll them.
function reachable() {
  for (const box of document.querySelectorAll("pre, .table-wrapper, .window, .figure, .formula")) {
    const scrolls = box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight;
    if (scrolls) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}
addEventListener("load", reachable);
addEventListener("resize", reachable);
