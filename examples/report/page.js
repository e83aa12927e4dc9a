// What moves on a report's page: theme, sorting, curves, pictures. Without it the page still shows plots, tables and a
// sheet of pictures.
"use strict";
(() => {
const $ = (query, root = document) => root.querySelector(query);
const all = (query, root = document) => [...root.querySelectorAll(query)];

// Theme: as the system has it until the button is pressed.
const root = document.documentElement, theme = $("#theme");
const isDark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
const nameTheme = () => { theme.textContent = isDark() ? "Light theme" : "Dark theme"; };
try { const kept = localStorage.getItem("fathom-theme"); if (kept) root.dataset.theme = kept; } catch { /* no storage for files */ }
theme.onclick = () => {
  root.dataset.theme = isDark() ? "light" : "dark";
  try { localStorage.setItem("fathom-theme", root.dataset.theme); } catch { /* the same */ }
  nameTheme();
};
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", nameTheme);
nameTheme();
theme.hidden = false;

// Sorting: numbers by their value, texts as people read them, empty cells last whichever way.
const key = (row, column) => {
  const cell = row.cells[column];
  return cell.dataset.v !== undefined ? +cell.dataset.v : cell.textContent || null;
};
const compare = (a, b) => {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), undefined, {numeric: true});
};
for (const button of all("table.sorts thead button")) button.onclick = () => {
  const th = button.closest("th"), body = $("tbody", th.closest("table"));
  // Numbers begin with the highest.
  const numbers = [...body.rows].some(row => row.cells[th.cellIndex].dataset.v !== undefined);
  const down = th.ariaSort === "none" ? numbers : th.ariaSort === "ascending";
  for (const other of th.parentNode.cells) other.ariaSort = "none";
  th.ariaSort = down ? "descending" : "ascending";
  const rows = [...body.rows].map(row => [key(row, th.cellIndex), row]);
  rows.sort(([a], [b]) => a === null || b === null ? (a === null) - (b === null) : (down ? -1 : 1) * compare(a, b));
  body.append(...rows.map(([, row]) => row));
};

// Curves: strength of smoothing, curves that are hidden, values under the pointer or, with the arrow keys, under a cross.
const smoothing = $("#smoothing");
if (smoothing) smoothing.onchange = () => {
  for (const line of all("[data-smooth]")) line.style.display = line.dataset.smooth === smoothing.value ? "" : "none";
};
for (const box of all(".legend input")) box.onchange = () => {
  $(`g[data-k="${box.dataset.k}"]`, box.closest("figure")).style.display = box.checked ? "" : "none";
};
const short = value => Number.isInteger(value) ? String(value) : String(+value.toPrecision(4));
for (const svg of all("svg[data-box]")) {
  const [left, bottom, right, top] = svg.dataset.box.split(" ").map(Number);
  const [x0, x1, y0, y1] = svg.dataset.range.split(" ").map(Number), log = svg.dataset.log === "1";
  const figure = svg.closest("figure"), tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  tip.setAttribute("role", "status");
  figure.append(tip);
  const cross = document.createElementNS(svg.namespaceURI, "path");
  cross.setAttribute("class", "cross");
  svg.append(cross);
  let at = left;
  const points = new Map();  // of a path, parsed once
  const pointsOf = path => {
    if (!points.has(path)) points.set(path, path.getAttribute("d").slice(1).split("L").map(p => p.split(" ").map(Number)));
    return points.get(path);
  };
  const valueAt = y => {
    const share = (bottom - y) / (bottom - top);
    return log ? 10 ** (Math.log10(y0) + share * (Math.log10(y1) - Math.log10(y0))) : y0 + share * (y1 - y0);
  };
  const show = x => {
    at = Math.max(left, Math.min(right, x));
    const lines = [], labels = all(".legend label", figure);
    for (const group of all("g.curve", svg)) {
      if (group.style.display === "none") continue;
      const path = all(".line", group).find(line => line.style.display !== "none");
      const nearest = pointsOf(path).reduce((a, b) => Math.abs(b[0] - at) < Math.abs(a[0] - at) ? b : a);
      if (Math.abs(nearest[0] - at) > 40) continue;
      const name = labels.length ? labels[+group.dataset.k].textContent + ": " : "";
      lines.push(name + short(valueAt(nearest[1])));
    }
    cross.setAttribute("d", `M${at} ${top}V${bottom}`);
    const step = x0 + (at - left) / (right - left) * (x1 - x0);
    tip.replaceChildren(...["at " + short(Math.round(100 * step) / 100), ...lines].map(text => {
      const line = document.createElement("div");
      line.textContent = text;
      return line;
    }));
    tip.hidden = false;
    const scale = svg.clientWidth / svg.viewBox.baseVal.width, place = svg.offsetLeft || 12;
    const x_here = place + at * scale;
    tip.style.top = (svg.getBoundingClientRect().top - figure.getBoundingClientRect().top + 8) + "px";
    tip.style.left = at < (left + right) / 2 ? x_here + 10 + "px" : "auto";
    tip.style.right = at < (left + right) / 2 ? "auto" : figure.clientWidth - x_here + 10 + "px";
  };
  const hide = () => { tip.hidden = true; cross.removeAttribute("d"); };
  svg.addEventListener("pointermove", event => {
    const box = svg.getBoundingClientRect();
    show((event.clientX - box.left) / box.width * svg.viewBox.baseVal.width);
  });
  svg.addEventListener("pointerleave", hide);
  svg.addEventListener("blur", hide);
  svg.addEventListener("keydown", event => {
    const step = {ArrowLeft: -6, ArrowRight: 6, Home: -1e4, End: 1e4}[event.key];
    if (event.key === "Escape") hide();
    if (!step) return;
    event.preventDefault();
    show(at + step);
  });
}
})();
