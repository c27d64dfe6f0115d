// Comforts only: every page works without this file.
(function () {
  "use strict";
  function closeMenus(except) {
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      if (menu !== except) menu.open = false;
    });
  }
  document.addEventListener("click", function (event) {
    closeMenus(event.target.closest("details.menu"));
    if (event.target.closest("[data-print]")) window.print();
  });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    var open = document.querySelector("details.menu[open]");
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });
  // On a phone the row of places scrolls: show the one we are in.
  var here = document.querySelector(".places [aria-current]");
  if (here) here.closest("ul").scrollLeft = here.offsetLeft - (window.innerWidth - here.offsetWidth) / 2;
  // A second tap on "Accept" within two seconds is the same tap.
  document.addEventListener("submit", function (event) {
    var form = event.target, now = Date.now();
    if (form.method !== "post") return;
    if (now - Number(form.dataset.sentAt || 0) < 2000) event.preventDefault();
    else form.dataset.sentAt = now;
  });
})();
