// Draws the specifications that the page carries. Under the strict policy expressions are interpreted (ast), never compiled.
"use strict";

function drawCharts() {
  for (const place of document.querySelectorAll("[data-chart]:not([data-drawn])")) {
    const data = document.getElementById(place.dataset.chart);
    place.dataset.drawn = "yes";
    window.vegaEmbed(place, JSON.parse(data.textContent), {
      mode: "vega-lite", logLevel: 1, ast: true, actions: false, defaultStyle: false, renderer: "svg", tooltip: { disableDefaultStyle: true },
    }).catch((error) => { place.remove(); console.error(error); });
  }
}

if (window.vegaEmbed) drawCharts();
else window.addEventListener("charts-ready", drawCharts);
