// Leaving a page that has no steps: blank first, then another page in its place. Without script the link does it.
(function () {
  "use strict";
  var link = document.querySelector(".leave");
  function leave() {
    document.body.textContent = "";
    location.replace(link.href);
  }
  link.addEventListener("click", function (event) {
    event.preventDefault();
    leave();
  });
  // Three presses of Escape within two seconds.
  var presses = [];
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    presses = presses.concat(event.timeStamp).slice(-3);
    if (event.timeStamp - presses[0] < 2000 && presses.length === 3) leave();
  });
  // A page that comes back out of the browser's memory was left before.
  window.addEventListener("pageshow", function (event) {
    if (event.persisted) leave();
  });
  // Another of our pages takes this one's place, so that Back shows none of them.
  document.addEventListener("click", function (event) {
    var to = event.target.closest && event.target.closest('a[href^="/"]');
    if (!to || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    location.replace(to.href);
  });
})();
