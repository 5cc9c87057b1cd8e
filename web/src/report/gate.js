// Tests for what the page's module needs, then loads it; old engines keep the readable page and the form without script.
(function () {
  "use strict";
  // A hint only: nothing depends on which browser it is.
  if (/MicroMessenger|\bQQ\/|DingTalk|AlipayClient/i.test(navigator.userAgent)) {
    var hint = document.querySelector(".inapp");
    var address = hint.querySelector("input");
    address.value = location.href;
    address.onclick = function () {
      address.setSelectionRange(0, address.value.length);
    };
    hint.hidden = false;
  }
  var source = document.currentScript.getAttribute("data-module");
  var able = "noModule" in document.createElement("script") && window.crypto && window.crypto.subtle &&
    typeof BigInt === "function" && typeof Promise.allSettled === "function" && window.TextEncoder;
  if (!able) return;
  var script = document.createElement("script");
  script.type = "module";
  script.src = source;
  document.head.appendChild(script);
})();
