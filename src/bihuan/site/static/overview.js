// Open orders by county on the outlines, without tiles. The bars beside say the same.
"use strict";

const place = document.querySelector(".county-map");
if (place && window.L) {
  const counted = new Map(JSON.parse(document.getElementById("counties").textContent).map((one) => [one.code, one.open]));
  const most = Math.max(1, ...counted.values());
  place.hidden = false;
  fetch(place.dataset.outlines).then((answer) => answer.json()).then((outlines) => {
    const map = L.map(place.querySelector("[data-canvas]"), { attributionControl: false, zoomControl: false, zoomSnap: 0.25, scrollWheelZoom: false, keyboard: false });
    const counties = L.geoJSON(outlines, {
      style: ({ properties }) => ({ color: "#7f97b5", weight: 1, fillColor: "#0f4c9c", fillOpacity: 0.75 * (counted.get(properties.code) || 0) / most }),
      onEachFeature: ({ properties }, layer) => layer.bindTooltip(`${properties.name} ${counted.get(properties.code) || 0}`, { permanent: true, direction: "center", className: "county" }),
    }).addTo(map);
    map.fitBounds(counties.getBounds());
  });
}
