// The pictures of a report's page: a slider between two layers of one picture, and all layers beside each other, with
// one zoom for all. Layers that follow from others (overlays, errors, differences) are computed here.
"use strict";
(() => {
const viewer = document.getElementById("viewer");
if (!viewer) return;
const $ = query => viewer.querySelector(query);
const {layers, samples, colors} = JSON.parse(document.getElementById("viewer-data").textContent);
const state = {sample: 0, split: 50, zoom: 1, x: 0, y: 0};

const decoded = new Map();  // images of the sample that is shown
const load = layer => {
  const data = document.getElementById(`p${state.sample}-${layer}`);
  if (!data) return Promise.resolve(null);
  if (!decoded.has(layer)) decoded.set(layer, new Promise((resolve, reject) => {
    const image = new Image();
    image.onload = () => resolve(image);
    image.onerror = reject;
    image.src = `data:image/${data.dataset.t};base64,${data.textContent}`;
  }));
  return decoded.get(layer);
};
const pixels = image => {
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth, canvas.height = image.naturalHeight;
  const context = canvas.getContext("2d", {willReadFrequently: true});
  context.drawImage(image, 0, 0);
  return context.getImageData(0, 0, canvas.width, canvas.height);
};
const luminance = (data, i) => 0.299 * data[i] + 0.587 * data[i + 1] + 0.114 * data[i + 2];
const put = (data, i, color, share) => {
  for (let c = 0; c < 3; ++c) data[i + c] = (1 - share) * data[i + c] + share * color[c];
};
// By kind, from the pixels of the layers it is made of.
const kinds = {
  picture: ([picture]) => picture,
  classes: ([labels]) => {
    for (let i = 0; i < labels.data.length; i += 4) put(labels.data, i, colors[labels.data[i]] || [255, 255, 255], 1);
    return labels;
  },
  overlay: ([picture, labels]) => {
    for (let i = 0; i < picture.data.length; i += 4) {
      const label = labels.data[i];
      if (label !== 0) put(picture.data, i, colors[label] || [255, 255, 255], 0.55);
    }
    return picture;
  },
  // Red: predicted otherwise than labelled; white: not labelled.
  errors: ([picture, labels, predicted]) => {
    for (let i = 0; i < picture.data.length; i += 4) {
      const grey = luminance(picture.data, i) * 0.45;
      put(picture.data, i, [grey, grey, grey], 1);
      if (labels.data[i] === 255) put(picture.data, i, [255, 255, 255], 0.5);
      else if (labels.data[i] !== predicted.data[i]) put(picture.data, i, [255, 60, 40], 0.85);
    }
    return picture;
  },
  // How far the luminance is from the brighter of visible and infrared: blue where it is darker, red where brighter.
  difference: ([picture, visible, infrared]) => {
    for (let i = 0; i < picture.data.length; i += 4) {
      const target = Math.max(luminance(visible.data, i), luminance(infrared.data, i));
      const d = Math.max(-1, Math.min(1, (luminance(picture.data, i) - target) / 96));
      put(picture.data, i, d < 0 ? [60, 130, 255] : [255, 90, 50], 1);
      for (let c = 0; c < 3; ++c) picture.data[i + c] *= Math.abs(d);
    }
    return picture;
  },
};
// False where this sample lacks what the layer is made of.
const draw = async (canvas, layer) => {
  const images = await Promise.all(layers[layer].of.map(load));
  canvas.dataset.layer = layers[layer].name;
  if (images.some(image => !image)) { canvas.width = canvas.height = 1; return false; }
  const made = kinds[layers[layer].kind](images.map(pixels));
  canvas.width = made.width, canvas.height = made.height;
  canvas.getContext("2d").putImageData(made, 0, 0);
  return true;
};

const panes = [];
const pane = label => {
  const element = document.createElement("div");
  element.className = "pane", element.tabIndex = 0;
  element.setAttribute("role", "img");
  element.setAttribute("aria-label", label);
  panes.push(element);
  return element;
};
const canvasIn = element => element.appendChild(document.createElement("canvas"));

const compare = pane("two layers with a divider between them");
compare.id = "compare";
const under = canvasIn(compare), over = compare.appendChild(document.createElement("div"));
over.className = "over";
const above = canvasIn(over), divider = compare.appendChild(document.createElement("div"));
divider.className = "divider";
$(".compare").prepend(compare);
const small = layers.map(layer => {
  const figure = document.createElement("figure"), caption = document.createElement("figcaption"), box = pane(layer.name);
  caption.textContent = layer.name;
  figure.append(box, caption);
  $(".panels").append(figure);
  return {figure, canvas: canvasIn(box)};
});

const place = () => {
  const limit = 1 - 1 / state.zoom;
  state.x = Math.max(0, Math.min(limit, state.x)), state.y = Math.max(0, Math.min(limit, state.y));
  for (const element of panes) {
    element.classList.toggle("near", state.zoom >= 3);
    for (const canvas of element.querySelectorAll("canvas"))
      canvas.style.transform = `scale(${state.zoom}) translate(${-100 * state.x}%, ${-100 * state.y}%)`;
  }
  over.style.clipPath = `inset(0 ${100 - state.split}% 0 0)`;
  divider.style.left = state.split + "%";
  $("#split").value = state.split, $("#zoom").value = state.zoom;
};
const zoomTo = (zoom, x = 0.5, y = 0.5) => {
  zoom = Math.max(1, Math.min(8, zoom));
  state.x += x / state.zoom - x / zoom, state.y += y / state.zoom - y / zoom;
  state.zoom = zoom;
  place();
};

const showLayers = async () => {
  const left = +$("#left").value, right = +$("#right").value;
  const size = samples[state.sample];
  for (const element of panes) element.style.aspectRatio = `${size.width} / ${size.height}`;
  await Promise.all([draw(above, left), draw(under, right),
    ...small.map(async ({figure, canvas}, layer) => { figure.hidden = !await draw(canvas, layer); })]);
  $(".compare figcaption").textContent = `${size.name}: ${layers[left].name} | ${layers[right].name}`;
  viewer.dataset.shown = size.name;
  place();
};
const showSample = index => {
  state.sample = (index + samples.length) % samples.length;
  $("#pick").value = state.sample;
  decoded.clear();
  return showLayers();
};

$("#pick").onchange = () => showSample(+$("#pick").value);
$("#before").onclick = () => showSample(state.sample - 1);
$("#next").onclick = () => showSample(state.sample + 1);
$("#left").onchange = $("#right").onchange = showLayers;
$("#split").oninput = () => { state.split = +$("#split").value; place(); };
$("#zoom").oninput = () => zoomTo(+$("#zoom").value);
$("#whole").onclick = () => { state.x = state.y = 0; state.zoom = 1; place(); };
for (const element of panes) {
  let drag = null;
  element.addEventListener("pointerdown", event => {
    const box = element.getBoundingClientRect(), x = 100 * (event.clientX - box.left) / box.width;
    // The divider moves where it is gripped, and anywhere while nothing is zoomed.
    const split = element === compare && (state.zoom === 1 || Math.abs(x - state.split) < 4);
    drag = {split, x: event.clientX, y: event.clientY, from: {...state}};
    element.setPointerCapture(event.pointerId);
    if (split) state.split = Math.max(0, Math.min(100, x)), place();
  });
  element.addEventListener("pointermove", event => {
    if (!drag) return;
    const box = element.getBoundingClientRect();
    if (drag.split) state.split = Math.max(0, Math.min(100, 100 * (event.clientX - box.left) / box.width));
    else {
      state.x = drag.from.x - (event.clientX - drag.x) / box.width / state.zoom;
      state.y = drag.from.y - (event.clientY - drag.y) / box.height / state.zoom;
    }
    place();
  });
  for (const end of ["pointerup", "pointercancel"]) element.addEventListener(end, () => { drag = null; });
  // The wheel alone scrolls the page.
  element.addEventListener("wheel", event => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const box = element.getBoundingClientRect();
    zoomTo(state.zoom * 2 ** (-event.deltaY / 300), (event.clientX - box.left) / box.width,
      (event.clientY - box.top) / box.height);
  }, {passive: false});
  element.addEventListener("keydown", event => {
    const move = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}[event.key];
    if (event.key === "+" || event.key === "=") zoomTo(state.zoom * 1.25);
    else if (event.key === "-") zoomTo(state.zoom / 1.25);
    else if (move && element === compare && state.zoom === 1 && move[0]) {
      state.split = Math.max(0, Math.min(100, state.split + 2 * move[0]));
      place();
    } else if (move && state.zoom > 1) {
      state.x += move[0] * 0.1 / state.zoom, state.y += move[1] * 0.1 / state.zoom;
      place();
    } else return;
    event.preventDefault();
  });
}
viewer.hidden = false;
// Not at once: the first view needs no picture but those of the sheet.
setTimeout(() => showSample(0));
})();
