// The year map by keyboard: Tab comes to one day, arrows go to the days beside, above and below, Page up and down four
// weeks on, Home and End to the ends of the month. Without this file each day is a stop of its own.
(function () {
  "use strict";
  document.querySelectorAll(".year").forEach(function (year) {
    var days = Array.from(year.querySelectorAll("a[data-date]")), at = {};
    days.forEach(function (day, number) { at[day.dataset.date] = number; });
    function stand(number) { days.forEach(function (day, n) { day.tabIndex = n === number ? 0 : -1; }); }
    function near(number, step) {
      var wanted = new Date(days[number].dataset.date + "T12:00Z");
      for (var tries = 0; tries < 54; tries++) {
        wanted.setUTCDate(wanted.getUTCDate() + step);
        var found = at[wanted.toISOString().slice(0, 10)];
        if (found !== undefined) return found;
      }
      return number;
    }
    function ends(number, last) {
      var month = Array.from(days[number].closest("table").querySelectorAll("a[data-date]"));
      return days.indexOf(last ? month[month.length - 1] : month[0]);
    }
    var moves = {
      ArrowLeft: function (n) { return Math.max(n - 1, 0); },
      ArrowRight: function (n) { return Math.min(n + 1, days.length - 1); },
      ArrowUp: function (n) { return near(n, -7); },
      ArrowDown: function (n) { return near(n, 7); },
      PageUp: function (n) { return near(n, -28); },
      PageDown: function (n) { return near(n, 28); },
      Home: function (n) { return ends(n, false); },
      End: function (n) { return ends(n, true); }
    };
    year.addEventListener("keydown", function (event) {
      var number = days.indexOf(event.target), move = moves[event.key];
      if (number < 0 || !move || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      stand(move(number));
      days[move(number)].focus();
    });
    if (days.length) stand(Math.max(days.findIndex(function (day) { return day.hasAttribute("aria-current"); }), 0));
  });
})();
