// Reporting: a map without tiles. The form works without this file.
"use strict";

{
  // A point is kept as "longitude,latitude"; the server tells which county it is in.
  const place = document.querySelector("[data-map]");
  if (place && window.L) {
    const part = (name) => place.querySelector(`[data-${name}]`);
    const field = place.querySelector("[name=point]");
    const said = part("said");
    let counties = null;
    let map = null;
    let marker = null;
    place.hidden = false;

    const load = async () => {
      if (map) return;
      const canvas = part("canvas");
      canvas.hidden = false;
      part("open").setAttribute("aria-expanded", "true");
      map = L.map(canvas, { attributionControl: false, zoomSnap: 0.5 });
      counties = L.geoJSON(await (await fetch(place.dataset.outlines)).json(), {
        style: { color: "#0f4c9c", weight: 1.5, fillColor: "#fff", fillOpacity: 1 },
        onEachFeature: (feature, layer) => {
          layer.bindTooltip(feature.properties.name, { permanent: true, direction: "center", className: "county" });
          layer.on("click", (event) => pick(event.latlng, feature.properties.name));
        },
      }).addTo(map);
      map.fitBounds(counties.getBounds());
      map.on("click", () => { if (!field.value) said.textContent = place.dataset.outside; });
      if (field.value) {
        const [longitude, latitude] = field.value.split(",").map(Number);
        const at = { lat: latitude, lng: longitude };
        pick(at, countyAt(at)?.feature.properties.name);
      }
    };
    const pick = (at, name) => {
      field.value = `${at.lng.toFixed(6)},${at.lat.toFixed(6)}`;
      marker = marker || L.circleMarker(at, { radius: 9, color: "#b3261e", fillOpacity: 0.6, interactive: false }).addTo(map);
      marker.setLatLng(at);
      part("clear").hidden = false;
      said.textContent = `${place.dataset.picked} ${name || `${at.lat.toFixed(4)}, ${at.lng.toFixed(4)}`}`;
    };
    // A ray to the east crosses the outline an odd number of times, as on the server (lib/geo.py).
    const holds = (ring, at) => ring.reduce((inside, [x1, y1], place) => {
      const [x2, y2] = ring[(place + 1) % ring.length];
      return (y1 > at.lat) !== (y2 > at.lat) && at.lng < (x2 - x1) * (at.lat - y1) / (y2 - y1) + x1 ? !inside : inside;
    }, false);
    const countyAt = (at) => counties.getLayers().find(({ feature: { geometry } }) =>
      (geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates).some(([outer]) => holds(outer, at)));
    part("open").addEventListener("click", load);
    part("clear").addEventListener("click", () => {
      field.value = "";
      marker?.remove();
      marker = null;
      part("clear").hidden = true;
      said.textContent = "";
    });
    part("here").addEventListener("click", async () => {
      await load();
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          const at = { lat: coords.latitude, lng: coords.longitude };
          const county = countyAt(at);
          if (!county) {
            said.textContent = place.dataset.away;
            return;
          }
          pick(at, place.dataset.mine.replace("COUNTY", county.feature.properties.name));
          map.fitBounds(county.getBounds());
        },
        () => { said.textContent = place.dataset.nowhere; },
        { timeout: 10000, enableHighAccuracy: true },
      );
    });
  }

  // A second touch sends nothing; the server would take it once as well.
  const form = document.querySelector("[data-report]");
  form?.addEventListener("submit", () => setTimeout(() => form.querySelector(".btn-primary").setAttribute("disabled", ""), 0));
  addEventListener("pageshow", () => form?.querySelector(".btn-primary").removeAttribute("disabled"));
}
