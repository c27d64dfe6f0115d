// Dragging on the desk. Each drag presses a button or follows a link that stands on the page; without this file those
// are pressed by hand, as they are by keyboard.
(function () {
  "use strict";
  var said = document.querySelector("[data-said]");
  function say(words) { if (said) said.textContent = words; }
  function name(item) { return item.querySelector("strong").textContent.trim(); }

  // One pointer on one grip: `over(event)` while it moves, `drop()` where it was let go, `end()` in any case.
  function drag(grip, begin) {
    grip.hidden = false;
    grip.parentNode.classList.add("tl-gripped");
    grip.addEventListener("pointerdown", function (event) {
      if (event.button) return;
      event.preventDefault();
      grip.setPointerCapture(event.pointerId);
      var held = begin(), leave = new AbortController(), also = { signal: leave.signal };
      function stop(dropped) {
        leave.abort();
        held.end();
        if (dropped) held.drop(); else say(held.still);
      }
      grip.addEventListener("pointermove", function (moved) {
        var near = moved.clientY < 60 ? -12 : moved.clientY > innerHeight - 60 ? 12 : 0;
        if (near && held.scrolls) scrollBy(0, near);
        held.over(moved);
      }, also);
      grip.addEventListener("pointerup", function () { stop(true); }, also);
      grip.addEventListener("pointercancel", function () { stop(false); }, also);
      document.addEventListener("keydown", function (key) { if (key.key === "Escape") stop(false); }, also);
    });
  }

  // ---- The line: before whom one is put. Those of one number are asked together, so nobody is put between them.
  document.querySelectorAll("[data-line]").forEach(function (line) {
    function items() { return Array.from(line.querySelectorAll("[data-turn]")); }
    function begin(item) {
      var before;  // undefined: nowhere else
      function mark(other, where) {
        items().forEach(function (one) { one.classList.remove("tl-above", "tl-below"); });
        if (other) other.classList.add(where);
      }
      item.classList.add("tl-dragged");
      say(name(item));
      return {
        still: line.dataset.still,
        scrolls: true,
        over: function (event) {
          var rest = items().filter(function (one) { return one !== item; });
          var next = rest.find(function (one) {
            var box = one.getBoundingClientRect();
            return event.clientY < box.top + box.height / 2;
          });
          var first = next && rest.find(function (one) { return one.dataset.rank === next.dataset.rank; });
          var last = rest[rest.length - 1];
          before = first ? first.dataset.turn : "";
          mark(first || last, first ? "tl-above" : "tl-below");
          var at = first ? rest.indexOf(first) : rest.length;
          var ranks = new Set(rest.slice(0, at).map(function (one) { return one.dataset.rank; }));
          say(line.dataset.place.replace("%n%", ranks.size + Number(line.dataset.first)));
        },
        drop: function () {
          var form = item.querySelector("form");
          if (before === undefined || !form) return say(line.dataset.still);
          var field = document.createElement("input");
          field.type = "hidden";
          field.name = "before";
          field.value = before;
          form.append(field);
          form.submit();
        },
        end: function () { item.classList.remove("tl-dragged"); mark(); }
      };
    }
    items().forEach(function (item) {
      var grip = item.querySelector("[data-grip]");
      if (grip && item.querySelector("form") && items().length > 1) drag(grip, begin.bind(null, item));
    });
  });

  // ---- The lists of the desk: a card on a list presses the button that moves it there.
  var drops = document.querySelector("[data-drops]");
  document.querySelectorAll("[data-card]").forEach(function (card) {
    var grip = card.querySelector("[data-grip]"), steps = {};
    card.querySelectorAll("[data-drop]").forEach(function (step) { steps[step.dataset.drop] = step; });
    if (!grip || !drops || !Object.keys(steps).length) return;
    function zones() { return Array.from(document.querySelectorAll("[data-list]")); }
    function open(zone) { return zone.dataset.list in steps; }
    drag(grip, function () {
      var zone = null;
      card.classList.add("tl-dragged");
      drops.hidden = false;
      Array.from(drops.children).forEach(function (one) { one.hidden = !open(one); });
      say(name(card));
      return {
        still: drops.dataset.still,
        scrolls: false,
        over: function (event) {
          var under = document.elementFromPoint(event.clientX, event.clientY);
          var found = under && under.closest("[data-list]");
          found = found && open(found) ? found : null;
          if (found === zone) return;
          zone = found;
          zones().forEach(function (one) { one.classList.toggle("tl-over", one === zone); });
          if (zone) say((zone.querySelector("h2") || zone).textContent.trim());
        },
        drop: function () {
          var step = zone && steps[zone.dataset.list];
          if (!step) return say(drops.dataset.still);
          if (step.tagName === "FORM") step.requestSubmit(); else step.click();
        },
        end: function () {
          card.classList.remove("tl-dragged");
          drops.hidden = true;
          zones().forEach(function (one) { one.classList.remove("tl-over"); });
        }
      };
    });
  });
})();
