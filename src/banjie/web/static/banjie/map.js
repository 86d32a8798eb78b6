// The map by area: outlines that the page carries, no tiles, nothing fetched. The table beneath says the same.
"use strict";

const SHADES = ["#e3ecec", "#b9d3d5", "#84b2b7", "#4a8791", "#0d5766"];

for (const place of document.querySelectorAll("[data-map]")) {
  const shapes = JSON.parse(document.getElementById(place.dataset.map).textContent);
  const map = L.map(place, {
    attributionControl: false, scrollWheelZoom: false, zoomSnap: 0.25, zoomDelta: 0.5, keyboard: false,
  });
  map.zoomControl.setPosition("topright");
  const layer = L.geoJSON(shapes, {
    style: (shape) => ({
      color: "#fffefb", weight: 1.2, fillOpacity: 1,
      fillColor: shape.properties.step === null ? "#d8d5cb" : SHADES[shape.properties.step],
    }),
    onEachFeature: (shape, part) => {
      const { name, shown, link } = shape.properties;
      const label = document.createElement("span");
      label.textContent = `${name} ${shown}`;
      part.bindTooltip(label, { sticky: true });
      part.on({
        mouseover: () => part.setStyle({ weight: 2.5, color: "#9d2a24" }).bringToFront(),
        mouseout: () => layer.resetStyle(part),
        click: () => location.assign(link),
      });
    },
  }).addTo(map);
  if (shapes.features.length) map.fitBounds(layer.getBounds(), { padding: [6, 6] });
  place.querySelectorAll("svg").forEach((drawing) => drawing.setAttribute("aria-hidden", "true"));
}
