// Tests for what the page's module needs, then loads it; old engines keep the readable page.
(function () {
  "use strict";
  var source = document.currentScript.getAttribute("data-module");
  var able = "noModule" in document.createElement("script") && window.crypto && window.crypto.subtle &&
    typeof BigInt === "function" && typeof Promise.allSettled === "function" && window.TextEncoder;
  if (!able) return;
  var script = document.createElement("script");
  script.type = "module";
  script.src = source;
  document.head.appendChild(script);
})();
