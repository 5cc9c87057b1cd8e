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
    typeof BigInt === "function" && typeof Promise.allSettled === "function" && window.TextEncoder && document.replaceChildren;
  if (!able) return;
  // The keys come while the module does, which takes them from here.
  var page = document.body.dataset;
  if (!("unknown" in page)) {
    window.keys = fetch("/s/" + page.code + "/keys", { cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer" })
      .then(function (answer) {
        return answer.arrayBuffer().then(function (body) {
          return { status: answer.status, body: body };
        });
      });
    window.keys.catch(function () {});
  }
  // Until the module is ready, fails, or lets one wait too long, nothing says that this page needs another.
  var root = document.documentElement;
  var tried = function () {
    root.removeAttribute("data-trying");
  };
  root.setAttribute("data-trying", "");
  window.addEventListener("error", tried);
  window.setTimeout(tried, 8000);
  var script = document.createElement("script");
  script.type = "module";
  script.src = source;
  script.onerror = tried;
  document.head.appendChild(script);
})();
