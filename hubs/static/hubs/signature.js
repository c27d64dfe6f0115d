// A box to sign in. Without this file the typed name is the signature.
(function () {
  "use strict";
  document.querySelectorAll("[data-signature]").forEach(function (box) {
    var canvas = box.querySelector("canvas"), pen = canvas.getContext("2d");
    var field = box.closest("form").querySelector("[data-drawn]"), strokes = [], stroke = null;
    box.hidden = false;
    pen.lineWidth = 2.5;
    pen.lineCap = pen.lineJoin = "round";
    pen.strokeStyle = getComputedStyle(canvas).color;
    function at(event) {
      var here = canvas.getBoundingClientRect();
      function within(value, most) { return Math.round(Math.min(Math.max(value, 0), most) * 10) / 10; }
      return [
        within((event.clientX - here.left) * canvas.width / here.width, canvas.width),
        within((event.clientY - here.top) * canvas.height / here.height, canvas.height)
      ];
    }
    function begin(point) { pen.beginPath(); pen.moveTo(point[0], point[1]); }
    function draw(point) { pen.lineTo(point[0], point[1]); pen.stroke(); }
    function keep() { field.value = strokes.length ? JSON.stringify(strokes) : ""; }
    // What was drawn before the form came back with something to mend.
    try { strokes = JSON.parse(field.value || "[]"); } catch (broken) { keep(); }
    strokes.forEach(function (one) { begin(one[0]); one.forEach(draw); });
    canvas.addEventListener("pointerdown", function (event) {
      canvas.setPointerCapture(event.pointerId);
      stroke = [at(event)];
      strokes.push(stroke);
      begin(stroke[0]);
    });
    canvas.addEventListener("pointermove", function (event) {
      if (!stroke || strokes.reduce(function (n, one) { return n + one.length; }, 0) > 1900) return;
      var point = at(event);
      stroke.push(point);
      draw(point);
    });
    ["pointerup", "pointercancel"].forEach(function (name) {
      canvas.addEventListener(name, function () { stroke = null; keep(); });
    });
    box.querySelector("[data-clear]").addEventListener("click", function () {
      strokes = [];
      pen.clearRect(0, 0, canvas.width, canvas.height);
      keep();
    });
  });
})();
