// Leaving a page that has no steps: blank first, then another page in its place. Without script the link does it.
(function () {
  "use strict";
  var link = document.querySelector(".leave");
  function gone() {
    location.replace(link.href);
  }
  link.addEventListener("click", function (event) {
    event.preventDefault();
    document.body.textContent = "";
    gone();
  });
})();
