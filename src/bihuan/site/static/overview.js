// Open orders on the outlines of the counties, without tiles: how many in each, and those that name a point. The bars beside and
// the lists behind them say the same.
"use strict";

const place = document.querySelector(".county-map");
if (place && window.L) {
  const { counties, points } = JSON.parse(document.getElementById("on-map").textContent);
  const most = Math.max(1, ...Object.values(counties));
  place.hidden = false;
  fetch(place.dataset.outlines).then((answer) => answer.json()).then((outlines) => {
    const map = L.map(place.querySelector("[data-canvas]"), { attributionControl: false, zoomSnap: 0.25, scrollWheelZoom: false, keyboard: false });
    const drawn = L.geoJSON(outlines, {
      interactive: false,
      style: ({ properties }) => ({ color: "#7f97b5", weight: 1, fillColor: "#0f4c9c", fillOpacity: 0.35 * (counties[properties.code] || 0) / most }),
      onEachFeature: ({ properties }, layer) => layer.bindTooltip(`${properties.name} ${counties[properties.code] || 0}`, { permanent: true, direction: "center", className: "county" }),
    }).addTo(map);
    const busy = L.featureGroup(drawn.getLayers().filter((layer) => counties[layer.feature.properties.code]));
    map.fitBounds((busy.getLayers().length ? busy : drawn).getBounds());
    for (const { at, number, late, address } of points) {
      L.circleMarker(at, { radius: 6, color: late ? "#b3261e" : "#0f4c9c", weight: 2, fillColor: "#fff", fillOpacity: 0.9 })
        .bindTooltip(number).on("click", () => location.assign(address)).addTo(map);
    }
  });
}
