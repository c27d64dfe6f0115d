// Draws a list of places as a map. The list is there without this file, and says the same.
(function () {
  "use strict";
  var FAR = 13, ALONE = 11;  // zooms: no nearer than this at first; of one point by itself

  function degrees(text) {
    var at = (text || "").split(",").map(Number);
    return at.length === 2 && at.every(isFinite) && Math.abs(at[0]) <= 90 && Math.abs(at[1]) <= 180 ? at : null;
  }
  function words(node) { return node ? node.textContent.replace(/\s+/g, " ").trim() : ""; }
  function facts(node) {
    return node && node.children.length ? Array.from(node.children, words).filter(Boolean).join(", ") : words(node);
  }
  function made(tag, name, text) {
    var node = document.createElement(tag);
    node.className = name;
    node.textContent = text || "";
    return node;
  }
  function icon(kind, name) {
    // As nodes and never as markup: names are what people typed.
    var pin = made("div", "map-pin");
    pin.appendChild(made("span", "map-dot"));
    if (name) pin.appendChild(made("span", "map-name", name));
    return L.divIcon({ className: "map-spot " + kind, html: pin, iconSize: [24, 24] });
  }

  function place(item) {
    var link = item.querySelector("a[href]");
    return {
      at: degrees(item.dataset.point), kind: item.dataset.kind || "site", name: words(item.querySelector("[data-name]") || item),
      more: facts(item.querySelector(".facts, .tl-quiet")), url: link && link.href, centre: "centre" in item.dataset
    };
  }
  function popup(one) {
    var box = made("div", "map-said"), name = made(one.url ? "a" : "strong", "", one.name);
    if (one.url) name.href = one.url;
    box.appendChild(name);
    if (one.more) box.appendChild(made("p", "", one.more));
    return box;
  }
  function pin(map, one) {
    var marker = L.marker(one.at, { icon: icon(one.kind + (one.centre ? " centre" : ""), one.name), riseOnHover: true, zIndexOffset: one.centre ? 1000 : one.kind === "site" ? 0 : 500 }).addTo(map);
    marker.getElement().setAttribute("aria-label", one.more ? one.name + ": " + one.more : one.name);
    marker.bindPopup(popup(one), { closeButton: false, autoPanPadding: [16, 16] });
  }
  function town(map, item) {
    var at = degrees(item.dataset.point);
    L.marker(at, { icon: icon("town", words(item)), interactive: false, keyboard: false, zIndexOffset: -1000 }).addTo(map);
    return at;
  }
  function ring(map, at, km) {
    var circle = L.circle(at, { radius: km * 1000, className: "map-ring", interactive: false, fill: false }).addTo(map);
    L.marker([circle.getBounds().getNorth(), at[1]], { icon: icon("distance", km + " km"), interactive: false, keyboard: false }).addTo(map);
    return circle.getBounds();
  }

  // Names that would lie over one another wait until their point is pointed at.
  function untangle(ground) {
    var taken = [];
    ["centre", "school", "site", "distance", "town"].forEach(function (kind) {
      ground.querySelectorAll(".map-spot." + kind + " .map-name").forEach(function (name) {
        var spot = name.closest(".map-spot");
        if (kind !== "centre" && spot.classList.contains("centre")) return;
        spot.classList.remove("crowded");
        var box = name.getBoundingClientRect();
        var lies = taken.some(function (other) {
          return box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom;
        });
        spot.classList.toggle("crowded", lies);
        if (!lies) taken.push(box);
      });
    });
  }

  function picks(map, box, seen) {
    var form = box.closest("form") || document, marker = null, said = box.querySelector("[role=status]");
    var fields = ["latitude", "longitude"].map(function (name) { return form.querySelector("[name$=" + name + "]"); });
    function show(at) {
      if (marker) marker.setLatLng(at);
      else {
        marker = L.marker(at, { icon: icon("picked", ""), draggable: true, keyboard: false }).addTo(map);
        marker.on("dragend", function () { set(marker.getLatLng()); });
      }
    }
    function set(where) {
      var at = where.wrap(), numbers = [at.lat.toFixed(5), at.lng.toFixed(5)];
      fields.forEach(function (field, n) { field.value = numbers[n]; });
      show(at);
      said.textContent = said.dataset.set.replace("LATITUDE", numbers[0]).replace("LONGITUDE", numbers[1]);
    }
    function typed() {
      return fields[0].value.trim() && fields[1].value.trim() ? degrees(fields[0].value + "," + fields[1].value) : null;
    }
    map.on("click", function (event) { set(event.latlng); });
    box.querySelector("[data-middle]").addEventListener("click", function () { set(map.getCenter()); });
    fields.forEach(function (field) {
      field.addEventListener("change", function () {
        var at = typed();
        if (!at) return;
        show(at);
        map.panTo(at);
      });
    });
    if (typed()) { show(typed()); seen.push(typed()); }
  }

  function draw(box) {
    var list = box.dataset.map && document.getElementById(box.dataset.map), ground = box.querySelector(".map-ground");
    var places = Array.from(list ? list.querySelectorAll("[data-point]") : []).map(place).filter(function (one) { return one.at; });
    var towns = box.querySelectorAll("[data-town]"), bounds = L.latLngBounds([]), seen = [], centre = null;
    // Nothing to go by, neither streets nor names: a bare ground would help nobody.
    if (!places.length && !towns.length && !box.dataset.tiles) return;
    box.hidden = false;
    var map = L.map(ground, {
      attributionControl: Boolean(box.dataset.tiles), zoomControl: false, scrollWheelZoom: false,
      zoomAnimation: false, fadeAnimation: false, markerZoomAnimation: false, inertia: false, maxZoom: 18,
      zoomSnap: box.dataset.tiles ? 1 : 0.25
    }).setView([0, 0], 2);
    L.control.zoom({ zoomInTitle: box.dataset.nearer, zoomOutTitle: box.dataset.farther }).addTo(map);
    L.control.scale({ imperial: false }).addTo(map);
    if (box.dataset.tiles) {
      map.attributionControl.setPrefix(false);
      L.tileLayer(box.dataset.tiles, { maxZoom: 18, attribution: box.dataset.credit, referrerPolicy: "strict-origin" }).addTo(map);
    }
    var named = Array.from(towns).map(town.bind(null, map));
    places.forEach(function (one) {
      pin(map, one);
      seen.push(one.at);
      if (one.centre) centre = one.at;
    });
    if ("picks" in box.dataset) picks(map, box, seen);
    if (centre) box.dataset.rings.split(",").forEach(function (km) { bounds.extend(ring(map, centre, Number(km))); });
    else (seen.length ? seen : named).forEach(function (at) { bounds.extend(at); });
    if (bounds.isValid() && !bounds.getNorthEast().equals(bounds.getSouthWest())) map.fitBounds(bounds, { padding: [28, 28], maxZoom: FAR });
    else if (bounds.isValid()) map.setView(bounds.getCenter(), ALONE);
    ground.addEventListener("keydown", function (event) { if (event.key === "Escape") map.closePopup(); });
    map.on("zoomend resize", function () { untangle(ground); });
    untangle(ground);
  }

  document.querySelectorAll("[data-map]").forEach(draw);
})();
