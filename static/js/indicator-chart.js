// Replaces the server's drawing with an interactive chart once Plotly is there. The data is what charts.line_plotly made; colours
// come from the page's own properties, so that light, dark and a municipality's accent are one set of rules.

const ROLE_PROPERTY = {
  own: "--accent", women: "--women", men: "--men", median: "--ink-muted", nation: "--nation", target: "--ink", band: "--band",
};

// A custom property may hold light-dark(): the computed colour of an element that uses it is the answer.
function colourReader() {
  const probe = document.createElement("span");
  probe.hidden = true;
  document.body.append(probe);
  const read = (property) => {
    probe.style.setProperty("color", `var(${property})`);
    return getComputedStyle(probe).color;
  };
  return { read, done: () => probe.remove() };
}

// Where not all ticks have room they are thinned from the newest back, so that none is turned on its side.
function thinned(axis, width) {
  const { tickvals: places = [], ticktext: labels = [] } = axis;
  const longest = Math.max(1, ...labels.map((label) => label.length));
  const step = Math.max(1, Math.ceil((places.length * (longest * 8 + 12)) / Math.max(width - 80, 80)));
  const kept = (_, index) => (places.length - 1 - index) % step === 0;
  return { ...axis, tickvals: places.filter(kept), ticktext: labels.filter(kept), tickangle: 0 };
}

function painted({ data, layout }, width) {
  const { read, done } = colourReader();
  const traces = data.map((trace) => {
    const colour = read(ROLE_PROPERTY[trace.meta?.role] ?? "--ink");
    if (trace.meta?.role === "band") return trace.fill ? { ...trace, fillcolor: colour } : trace;
    return { ...trace, line: { ...trace.line, color: colour }, marker: { ...trace.marker, color: colour } };
  });
  const [ink, muted, line, surface] = ["--ink", "--ink-muted", "--line", "--surface"].map(read);
  done();
  const family = getComputedStyle(document.body).fontFamily;
  const look = {
    ...layout,
    font: { ...layout.font, color: muted, family },
    hoverlabel: { bgcolor: surface, bordercolor: muted, font: { color: ink, family } },
    modebar: { bgcolor: "rgba(0,0,0,0)", color: muted, activecolor: ink },
    xaxis: { ...thinned(layout.xaxis, width), gridcolor: line, linecolor: line },
    yaxis: { ...layout.yaxis, gridcolor: line },
    shapes: (layout.shapes ?? []).map((shape) => ({ ...shape, line: { ...shape.line, color: muted } })),
    annotations: (layout.annotations ?? []).map((note) => ({ ...note, font: { ...note.font, color: muted } })),
  };
  return { traces, look };
}

function registerWords(Plotly, config, words) {
  if (!words || Object.keys(words).length === 0) return;
  Plotly.register({ moduleType: "locale", name: config.locale, dictionary: words, format: {} });
}

async function start() {
  const source = document.getElementById("chart-data");
  const target = document.getElementById("chart");
  const { Plotly } = globalThis;
  if (!source || !target || !Plotly) return;
  const chart = JSON.parse(source.textContent);
  registerWords(Plotly, chart.config, chart.words);

  const draw = () => {
    const { traces, look } = painted(chart, target.clientWidth);
    return Plotly.react(target, traces, look, chart.config);
  };
  target.hidden = false;
  try {
    await draw();
  } catch (error) {
    target.hidden = true;
    throw error;
  }
  document.getElementById("chart-static")?.setAttribute("hidden", "");
  for (const query of ["(prefers-color-scheme: dark)", "(prefers-contrast: more)"]) {
    matchMedia(query).addEventListener("change", draw);
  }
  // Paper has its own size and no hovering: the server's drawing is what is printed.
  const printing = (on) => {
    target.hidden = on;
    document.getElementById("chart-static")?.toggleAttribute("hidden", !on);
  };
  addEventListener("beforeprint", () => printing(true));
  addEventListener("afterprint", () => printing(false));
}

start();
