// Draws charts and the map from the JSON beside them; the table under each says the same and leads to the same cases.
"use strict";

const dark = document.querySelector("[data-screen]");
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
const ink = dark ? { text: "#c9d8ee", line: "#2b4470", came: "#4ea1ff", usual: "#ffd166", late: "#ff6b6b", near: "#ffb547", land: "#12305e", edge: "#3d6cb0" }
  : { text: "#1c2733", line: "#d5dbe3", came: "#0f4c9c", usual: "#b26a00", late: "#b3261e", near: "#d08700", land: "#0f4c9c", edge: "#7f97b5" };
const tones = { "": ink.came, usual: ink.usual, late: ink.late, near: ink.near, returned: ink.near, redone: ink.late };
const drawn = new Map();

const fontSize = () => parseFloat(getComputedStyle(document.body).fontSize) * (dark ? 0.9 : 0.86);

function axes(drawing, flat, wide) {
  const size = fontSize();
  const text = { color: ink.text, fontSize: size };
  const names = { type: "category", data: drawing.labels, axisLabel: { ...text, ...(flat ? { width: Math.min(size * 14, wide * 0.42), overflow: "truncate", interval: 0 } : {}) }, axisLine: { lineStyle: { color: ink.line } }, axisTick: { show: false }, inverse: flat };
  const values = { type: "value", minInterval: 1, axisLabel: { ...text, hideOverlap: true }, splitLine: { lineStyle: { color: ink.line } }, ...(drawing.kind === "rates" ? { max: 100, axisLabel: { ...text, formatter: "{value}%", hideOverlap: true } } : {}) };
  return flat ? { xAxis: values, yAxis: names } : { xAxis: names, yAxis: values };
}

function series(one, drawing, flat) {
  const line = drawing.kind === "columns" && one.tone === "usual";
  const color = tones[one.tone];
  const label = { show: flat && drawing.kind !== "stacked", position: "right", color: ink.text, fontSize: fontSize(), ...(drawing.kind === "rates" ? { formatter: "{c}%" } : {}) };
  return {
    name: one.name, type: line ? "line" : "bar", data: one.values, color, label,
    ...(line ? { symbolSize: 6, lineStyle: { color, type: "dashed" }, triggerLineEvent: false } : { barMaxWidth: fontSize() * 1.6 }),
    ...(drawing.kind === "stacked" ? { stack: "all" } : {}),
  };
}

function flow(drawing, wide) {
  // A unit may send and receive: its name stands once on each side.
  const side = (where, name) => `${where}\u0000${name}`;
  const nodes = new Map();
  for (const link of drawing.links) {
    nodes.set(side("a", link.from), { name: side("a", link.from), depth: 0, itemStyle: { color: tones[link.tone] }, label: { position: "right" } });
    nodes.set(side("b", link.to), { name: side("b", link.to), depth: 1, itemStyle: { color: ink.came }, label: { position: "left" } });
  }
  const links = drawing.links.map((link) => ({ source: side("a", link.from), target: side("b", link.to), value: link.value, link: link.link, lineStyle: { color: tones[link.tone], opacity: 0.3 } }));
  const told = (name) => name.split("\u0000").pop();
  return {
    tooltip: { renderMode: "richText", formatter: ({ dataType, data, value }) => (dataType === "edge" ? `${told(data.source)} → ${told(data.target)}: ${data.value}` : `${told(data.name)}: ${value}`) },
    series: [{ type: "sankey", data: [...nodes.values()], links, left: 4, right: 4, top: 8, bottom: 8, nodeGap: 10, draggable: false, emphasis: { focus: "adjacency" }, label: { color: ink.text, fontSize: fontSize(), width: wide * 0.4, overflow: "truncate", formatter: ({ data }) => told(data.name) } }],
  };
}

function option(drawing, wide) {
  const motion = { animation: !still && !dark, animationDuration: 300 };
  if (drawing.kind === "flow") return { ...motion, ...flow(drawing, wide) };
  const flat = drawing.kind !== "columns";
  const size = fontSize();
  return {
    ...motion, ...axes(drawing, flat, wide),
    grid: { left: 8, right: flat ? size * 4 : 12, top: drawing.series.length > 1 ? size * 2.4 : 10, bottom: 4, containLabel: true },
    legend: drawing.series.length > 1 ? { top: 0, left: 0, textStyle: { color: ink.text, fontSize: size } } : undefined,
    tooltip: { renderMode: "richText", trigger: "axis", axisPointer: { type: "shadow" } },
    series: drawing.series.map((one) => series(one, drawing, flat)),
  };
}

function opens(chart, drawing) {
  if (dark) return;
  chart.off("click");
  chart.on("click", ({ dataType, data, seriesIndex, dataIndex }) => {
    const address = dataType === "edge" ? data.link : drawing.series[seriesIndex]?.links?.[dataIndex];
    if (address) location.assign(address);
  });
}

// On a screen in a hall only the first lines can be read.
function shortened(drawing) {
  if (!dark || drawing.kind === "columns") return drawing;
  return { ...drawing, labels: drawing.labels.slice(0, 7), series: drawing.series.map((one) => ({ ...one, values: one.values.slice(0, 7) })) };
}

function chartDraw(box, whole) {
  const drawing = shortened(whole);
  const lines = drawing.kind === "flow" ? Math.max(new Set(drawing.links.map((l) => l.from)).size, new Set(drawing.links.map((l) => l.to)).size) : drawing.labels.length;
  if (!dark && drawing.kind !== "columns") box.style.height = `${Math.max(9, 3.5 + lines * 1.9)}em`;
  box.hidden = false;
  const chart = drawn.get(box) || echarts.init(box, null, { renderer: "canvas" });
  drawn.set(box, chart);
  chart.resize();
  chart.setOption(option(drawing, box.clientWidth), { notMerge: true });
  opens(chart, drawing);
  box.dataset.drawn = drawing.kind;
}

// Inside of a ring of points, by the even-odd rule; longitude before latitude.
function inside(ring, [x, y]) {
  let within = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [a, b] = ring[i], [c, d] = ring[j];
    if ((b > y) !== (d > y) && x < ((c - a) * (y - b)) / (d - b) + a) within = !within;
  }
  return within;
}

// So many places spread evenly within an outline, as the seeds of a sunflower.
function spread(geometry, bounds, count) {
  const ring = (geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates).map((one) => one[0]).sort((a, b) => b.length - a.length)[0];
  const middle = bounds.getCenter(), wide = (bounds.getEast() - bounds.getWest()) / 2, high = (bounds.getNorth() - bounds.getSouth()) / 2;
  for (let total = count; total < count * 8; total++) {
    const found = [];
    for (let n = 0; n < total && found.length < count; n++) {
      const far = 0.86 * Math.sqrt((n + 0.5) / total), turn = n * 2.399963;
      const at = [middle.lng + wide * far * Math.cos(turn), middle.lat + high * far * Math.sin(turn)];
      if (inside(ring, at)) found.push([at[1], at[0]]);
    }
    if (found.length === count) return found;
  }
  return [];
}

let outlines;
async function mapDraw(box, drawing, address) {
  outlines ||= fetch(address).then((answer) => answer.json());
  const land = await outlines;
  box.hidden = false;
  let map = drawn.get(box);
  if (!map) {
    map = L.map(box, { attributionControl: false, zoomSnap: 0.1, scrollWheelZoom: false, keyboard: false, zoomControl: false, dragging: !dark, fadeAnimation: !still, zoomAnimation: !still });
    drawn.set(box, map);
    map.land = L.geoJSON(land, { interactive: false }).addTo(map);
    map.marks = L.layerGroup().addTo(map);
  }
  map.invalidateSize();
  map.marks.clearLayers();
  const sums = {};
  for (const { county, value } of drawing.places) sums[county] = (sums[county] || 0) + value;
  const most = Math.max(1, ...Object.values(sums)), largest = Math.max(1, ...drawing.places.map(({ value }) => value));
  const busy = L.featureGroup();
  map.land.eachLayer((layer) => {
    const { code, name } = layer.feature.properties;
    layer.setStyle({ color: ink.edge, weight: 1.2, fillColor: ink.land, fillOpacity: (dark ? 0.45 : 0.06) + 0.25 * ((sums[code] || 0) / most) });
    layer.unbindTooltip();
    if (!sums[code]) return;
    busy.addLayer(layer);
    const here = drawing.places.filter((one) => one.county === code && one.value).sort((a, b) => b.value - a.value);
    const spots = spread(layer.feature.geometry, layer.getBounds(), here.length);
    here.forEach((one, n) => {
      if (!spots[n]) return;
      const mark = L.circleMarker(spots[n], { radius: (4 + 18 * Math.sqrt(one.value / largest)) * (dark ? fontSize() / 16 : 1), color: ink.came, weight: 1.5, fillColor: ink.came, fillOpacity: 0.35 });
      mark.bindTooltip(`${one.name} ${one.value}`, n < (dark ? 6 : 4) ? { permanent: true, direction: "center", className: "place-name" } : {});
      if (!dark) mark.on("click", () => location.assign(one.link));
      map.marks.addLayer(mark);
    });
  });
  const all = busy.getLayers().length ? busy : map.land;
  if (!map.fitted) map.fitBounds(all.getBounds(), { padding: [6, 6], animate: false });
  map.fitted = true;
  box.dataset.drawn = "map";
}

function boardDraw() {
  for (const box of document.querySelectorAll("[data-chart]")) {
    const drawing = JSON.parse(document.getElementById(`drawing-${box.dataset.chart}`).textContent);
    if (drawing.kind === "map") mapDraw(box, drawing, document.getElementById("counts").dataset.outlines);
    else chartDraw(box, drawing);
  }
}

addEventListener("resize", () => {
  for (const [box, one] of drawn) {
    if (!box.isConnected) continue;
    if (one.resize) one.resize();
    else one.invalidateSize();
  }
});

addEventListener("DOMContentLoaded", boardDraw);
document.addEventListener("htmx:afterSwap", boardDraw);
