"use strict";
const run = JSON.parse(document.getElementById("run").textContent);
run.trades = (run.trades?.entry || []).map((_, place) =>
  Object.fromEntries(Object.keys(run.trades).map((name) => [name, run.trades[name][place]])));
const MOST_CANDLES = 2500;
const MOST_MARKED = 400;
const PAGE = 50;
const MISSING = "-";

function colour(name) {
  // A custom property is text until something is painted with it.
  const probe = document.createElement("i");
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

function layout(more) {
  const ink = colour("ink");
  const line = colour("line");
  const axes = {};
  for (const [name, axis] of Object.entries(more)) {
    const isAxis = /^[xy]axis\d*$/.test(name);
    axes[name] = isAxis
      ? {
          gridcolor: line, zerolinecolor: line, linecolor: line, automargin: true,
          exponentformat: "none", separatethousands: true, ...axis,
        }
      : axis;
  }
  return {
    autosize: true,
    margin: { l: 64, r: 16, t: 8, b: 36 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { color: ink, family: "system-ui, sans-serif", size: 12 },
    hoverlabel: { bgcolor: colour("card"), bordercolor: line, font: { color: ink } },
    legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom" },
    hovermode: "x unified",
    modebar: { bgcolor: "rgba(0,0,0,0)", color: colour("quiet"), activecolor: colour("ink") },
    ...axes,
  };
}

// Only these: Plotly's own set has a button that sends the chart to its makers' server.
const settings = {
  displayModeBar: innerWidth > 700, // beside the legend there is no room on a phone
  displaylogo: false,
  plotlyServerURL: "",
  responsive: true,
  modeBarButtons: [["toImage", "zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "resetScale2d"]],
};

// ---- equity, drawdown, exposure ----------------------------------------------

function drawCurves() {
  const lines = [
    {
      x: run.equity.time, y: run.equity.value, name: "Equity", yaxis: "y",
      line: { color: colour("blue"), width: 1.8 },
      hovertemplate: "%{y:,.2f}",
    },
  ];
  if (run.hold) {
    lines.push({
      x: run.hold.time, y: run.hold.value, name: "Buy and hold", yaxis: "y",
      line: { color: colour("quiet"), width: 1.2, dash: "dot" },
      hovertemplate: "%{y:,.2f}",
    });
  }
  lines.push(
    {
      x: run.underwater.time, y: run.underwater.value, name: "Drawdown", yaxis: "y2",
      line: { color: colour("red"), width: 1 }, fill: "tozeroy", showlegend: false,
      hovertemplate: "%{y:.2%}",
    },
    {
      x: run.exposure.time, y: run.exposure.value, name: "Exposure", yaxis: "y3",
      line: { color: colour("teal"), width: 1, shape: "hv" }, fill: "tozeroy",
      showlegend: false, hovertemplate: "%{y:,.2f}",
    },
  );
  const titled = (text) => ({ title: { text, font: { size: 11 } } });
  return Plotly.react(
    "curves",
    lines.map((each) => ({ type: "scatter", mode: "lines", ...each })),
    layout({
      xaxis: { type: "date", anchor: "y3" },
      yaxis: { domain: [0.46, 1], fixedrange: true, ...titled(run.currency) },
      yaxis2: { domain: [0.24, 0.42], fixedrange: true, tickformat: ".2~%", ...titled("Drawdown") },
      yaxis3: { domain: [0, 0.2], fixedrange: true, ...titled("Exposure") },
    }),
    settings,
  );
}

// ---- candles and trades ------------------------------------------------------

const levels = (run.candles || []).map((level) => ({
  ...level,
  time: level.index.map((count) => level.first + count * level.step),
}));

function firstAtOrAfter(times, moment) {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] < moment) low = middle + 1;
    else high = middle;
  }
  return low;
}

function levelFor(from, to) {
  let found = levels[0];
  for (const level of levels) {
    const count = firstAtOrAfter(level.time, to) - firstAtOrAfter(level.time, from);
    if (count <= MOST_CANDLES) found = level;
  }
  return found;
}

function wholeRange() {
  const coarsest = levels[0];
  return [coarsest.time[0], coarsest.time.at(-1) + coarsest.step];
}

let shownRange = null;

function drawCandles() {
  const [from, to] = shownRange || wholeRange();
  const level = levelFor(from, to);
  // One candle more at each side, so that the edges are not bare.
  const begin = Math.max(0, firstAtOrAfter(level.time, from) - 1);
  const end = Math.min(level.time.length, firstAtOrAfter(level.time, to) + 1);
  const cut = (column) => column.slice(begin, end);
  const candles = {
    type: "candlestick", name: `${level.label} candles`,
    x: cut(level.time), open: cut(level.open), high: cut(level.high),
    low: cut(level.low), close: cut(level.close),
    increasing: { line: { color: colour("teal"), width: 1 } },
    decreasing: { line: { color: colour("red"), width: 1 } },
    opacity: 0.75, hoverinfo: "x+y",
  };
  const inView = run.trades.filter(
    (trade) => trade.instrument === run.charted && trade.entry <= to && (trade.exit ?? to) >= from,
  );
  const share = Math.min(1, MOST_MARKED / inView.length);
  // Scattered, not every nth: a stride could beat with a rhythm of the trades.
  const marked = inView.filter((_, place) => (Math.imul(place, 2654435761) >>> 0) < share * 2 ** 32);
  const words = [`Candles of ${level.label}`];
  if (level.label !== run.timeframe) words.push(`made from ${run.timeframe} bars`);
  words.push(share < 1
    ? `${marked.length} of ${inView.length} trades marked: zoom in for all`
    : `${inView.length} trades`);
  document.getElementById("candles-note").textContent = words.join(", ");
  let low = Infinity;
  let high = -Infinity;
  for (const value of candles.low) low = Math.min(low, value);
  for (const value of candles.high) high = Math.max(high, value);
  const room = (high - low) * 0.05 || Math.abs(high) * 0.01 || 1;
  return Plotly.react(
    "candles",
    [candles, ...markers(marked)],
    layout({
      hovermode: "closest",
      xaxis: { type: "date", range: [from, to], rangeslider: { visible: false } },
      yaxis: { range: [low - room, high + room], fixedrange: true },
    }),
    settings,
  );
}

function markers(trades) {
  const size = trades.length > 150 ? 6 : 9;
  const paths = { x: [], y: [] };
  const groups = new Map();
  const put = (name, symbol, tone, x, y, text) => {
    if (!groups.has(name)) {
      groups.set(name, {
        type: "scatter", mode: "markers", name, x: [], y: [], text: [],
        marker: { symbol, size, color: colour(tone), line: { color: colour("card"), width: 1 } },
        hovertemplate: "%{text}<extra></extra>",
      });
    }
    const group = groups.get(name);
    group.x.push(x);
    group.y.push(y);
    group.text.push(text);
  };
  for (const trade of trades) {
    const long = trade.side === "buy";
    put(
      long ? "Long entry" : "Short entry",
      long ? "triangle-up" : "triangle-down",
      long ? "blue" : "amber",
      trade.entry, Number(trade.entry_price),
      `${long ? "Long" : "Short"} ${trade.quantity} at ${trade.entry_price}`,
    );
    if (trade.exit === null) continue;
    const won = trade.pnl >= 0;
    put(
      won ? "Exit with gain" : "Exit with loss", won ? "circle" : "x",
      won ? "teal" : "red",
      trade.exit, Number(trade.exit_price),
      `Out at ${trade.exit_price}: ${money(trade.pnl)}`,
    );
    paths.x.push(trade.entry, trade.exit, null);
    paths.y.push(Number(trade.entry_price), Number(trade.exit_price), null);
  }
  const path = {
    type: "scatter", mode: "lines", name: "Held", ...paths, hoverinfo: "skip",
    line: { color: colour("quiet"), width: 1, dash: "dot" },
  };
  return paths.x.length ? [path, ...groups.values()] : [...groups.values()];
}

function followZoom() {
  document.getElementById("candles").on("plotly_relayout", (change) => {
    const asked = change["xaxis.range"]
      || (change["xaxis.range[0]"] && [change["xaxis.range[0]"], change["xaxis.range[1]"]]);
    if (asked) shownRange = asked.map(moment);
    else if (change["xaxis.autorange"]) shownRange = null;
    else return;
    drawCandles();
  });
}

function moment(shown) {
  if (typeof shown === "number") return shown;
  // The axis answers in text without a zone, and without a time at midnight; it is UTC.
  const [day, time] = shown.split(" ");
  return Date.parse(`${day}T${time || "00:00"}Z`);
}

// ---- a grid of two parameters ------------------------------------------------

function drawGrid() {
  const { x, y, z, text, best_is_high: up } = run.grid;
  return Plotly.react(
    "grid",
    [{
      type: "heatmap", x: x.values, y: y.values, z, text,
      texttemplate: x.values.length * y.values.length <= 400 ? "%{text}" : "",
      colorscale: [[0, colour("faint")], [1, colour("blue")]], reversescale: !up,
      hovertemplate: `${"%{xaxis.title.text} %{x}, %{yaxis.title.text} %{y}: %{text}"}<extra></extra>`,
      hoverongaps: false, xgap: 2, ygap: 2, showscale: false,
    }],
    layout({
      hovermode: "closest",
      xaxis: { type: "category", title: { text: x.name }, showgrid: false },
      yaxis: { type: "category", title: { text: y.name }, showgrid: false },
    }),
    settings,
  );
}

// ---- the table of trades -----------------------------------------------------

const table = { by: null, down: true, page: 0 };

function money(value) {
  // Two decimals, or four figures where that would hide it.
  return value.toLocaleString("en", value === 0 || Math.abs(value) >= 1
    ? { minimumFractionDigits: 2, maximumFractionDigits: 2 }
    : { minimumSignificantDigits: 4, maximumSignificantDigits: 4 });
}

function utc(time) {
  return time === null ? MISSING : new Date(time).toISOString().slice(0, 19).replace("T", " ");
}

const COLUMNS = [
  ["Entry (UTC)", (it) => it.entry, (it) => utc(it.entry)],
  ["Exit (UTC)", (it) => it.exit ?? Infinity, (it) => (it.exit === null ? "open" : utc(it.exit))],
  ["Side", (it) => it.side, (it) => (it.side === "buy" ? "long" : "short")],
  ["Quantity", (it) => Number(it.quantity), (it) => it.quantity, true],
  ["Entry price", (it) => Number(it.entry_price), (it) => it.entry_price, true],
  ["Exit price", (it) => Number(it.exit_price ?? NaN), (it) => it.exit_price ?? MISSING, true],
  ["Fees", (it) => it.fees, (it) => money(it.fees), true],
  ["Profit", (it) => it.pnl, (it) => money(it.pnl), true],
];
if (run.several) COLUMNS.splice(2, 0, ["Instrument", (it) => it.instrument, (it) => it.instrument]);

function showTrades() {
  const rows = [...run.trades];
  if (table.by !== null) {
    const key = COLUMNS[table.by][1];
    const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
    rows.sort((a, b) => order(key(a), key(b)) * (table.down ? -1 : 1));
  }
  const from = table.page * PAGE;
  const body = document.querySelector(".trades tbody");
  body.replaceChildren(...rows.slice(from, from + PAGE).map((trade) => {
    const row = document.createElement("tr");
    for (const [title, , shown, isNumber] of COLUMNS) {
      const cell = row.insertCell();
      cell.textContent = shown(trade);
      if (isNumber) cell.classList.add("number");
      if (title === "Profit") cell.classList.add(trade.pnl < 0 ? "loss" : "gain");
    }
    return row;
  }));
  const last = Math.min(from + PAGE, rows.length);
  document.getElementById("trades-shown").textContent = `${from + 1}–${last} of ${rows.length}`;
  document.getElementById("earlier").disabled = table.page === 0;
  document.getElementById("later").disabled = last >= rows.length;
  document.querySelectorAll(".trades th").forEach((head, place) => {
    const sorted = table.by === place ? (table.down ? "descending" : "ascending") : "none";
    head.setAttribute("aria-sort", sorted);
    head.firstChild.textContent = COLUMNS[place][0] + ({ descending: " ↓", ascending: " ↑" }[sorted] || "");
  });
}

function setUpTrades() {
  const heads = document.querySelector(".trades thead tr");
  COLUMNS.forEach(([, , , isNumber], place) => {
    const head = document.createElement("th");
    if (isNumber) head.classList.add("number");
    const button = document.createElement("button");
    button.addEventListener("click", () => {
      table.down = table.by === place ? !table.down : true;
      table.by = place;
      table.page = 0;
      showTrades();
    });
    head.append(button);
    heads.append(head);
  });
  for (const [id, step] of [["earlier", -1], ["later", 1]]) {
    document.getElementById(id).addEventListener("click", () => {
      table.page += step;
      showTrades();
    });
  }
  showTrades();
}

// ---- drawing, and drawing again ----------------------------------------------

const charts = [
  ["curves", drawCurves],
  ["candles", drawCandles],
  ["grid", drawGrid],
].filter(([id]) => document.getElementById(id));

const drawAll = () => charts.forEach(([, draw]) => draw());

drawAll();
if (document.getElementById("candles")) followZoom();
if (document.querySelector(".trades")) setUpTrades();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
for (const [event, isPrinting] of [["beforeprint", true], ["afterprint", false]]) {
  addEventListener(event, () => {
    document.documentElement.classList.toggle("printing", isPrinting);
    drawAll();
    charts.forEach(([id]) => Plotly.Plots.resize(id));
  });
}
