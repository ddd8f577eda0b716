// Where the case is: a pin on the outlines of the counties, without tiles. The link beside opens the telephone's own map.
"use strict";

const place = document.querySelector("[data-place]");
if (place && window.L) {
  const at = [Number(place.dataset.latitude), Number(place.dataset.longitude)];
  fetch(place.dataset.outlines).then((answer) => answer.json()).then((outlines) => {
    place.hidden = false;
    const map = L.map(place, { attributionControl: false, zoomSnap: 0.25, scrollWheelZoom: false, keyboard: false });
    const counties = L.geoJSON(outlines, {
      interactive: false,
      style: { color: "#7f97b5", weight: 1, fillColor: "#fff", fillOpacity: 1 },
      onEachFeature: ({ properties }, layer) => layer.bindTooltip(properties.name, { permanent: true, direction: "center", className: "county" }),
    }).addTo(map);
    const around = counties.getLayers().map((layer) => layer.getBounds()).find((bounds) => bounds.contains(at));
    map.fitBounds(around || counties.getBounds().extend(at));
    L.circleMarker(at, { radius: 8, color: "#b3261e", fillOpacity: 0.6, interactive: false }).addTo(map);
  });
}
