// What does the page "Try it in this page" do? Starts Python when asked to, and shows what try.py computes.
"use strict";

const PYODIDE = ["_static/pyodide/", "https://cdn.jsdelivr.net/pyodide/v0.27.7/full/"]; // the first that is there
const WHY = {
  loss: "∂loss/∂loss = 1: where the walk begins",
  p: "2 (p − t), from the square",
  z: "the above × p (1 − p), the sigmoid's slope",
  product: "the above: a sum passes it on",
  b: "the same: a sum passes it on to both",
  w: "the product's gradient × x",
  x: "the product's gradient × w",
};
const SIZE = 32; // dots of a drawing, each way
const part = (name) => document.getElementById(`try-${name}`);
const say = (text) => { part("status").textContent = text; };

let python, reader;
const dots = new Uint8Array(SIZE * SIZE);
const pen = { x: SIZE / 2, y: SIZE / 2, down: false };

function script(address) {
  return new Promise((resolve, reject) => {
    const element = Object.assign(document.createElement("script"), { src: address, onload: resolve, onerror: reject });
    document.head.append(element);
  });
}

async function bytes(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address} can't be read (HTTP ${answer.status})`);
  return answer.arrayBuffer();
}

async function start() {
  if (location.protocol === "file:") {
    say("A page opened as a file can't read its neighbours: serve the site, as the end of this page says.");
    return;
  }
  part("start").disabled = true;
  try {
    say("Fetching Python …");
    let home;
    for (home of PYODIDE) {
      try { await script(home + "pyodide.js"); break; } catch { /* not there: the next one */ }
    }
    if (typeof loadPyodide === "undefined") throw new Error("Pyodide can be reached neither here nor on cdn.jsdelivr.net");
    python = await loadPyodide({ indexURL: new URL(home, location.href).href });
    say("Fetching NumPy …");
    await python.loadPackage("numpy", { messageCallback: () => {} });
    say("Fetching TinyTorch …");
    python.unpackArchive(await bytes("_static/tinytorch.whl"), "wheel");
    python.globals.set("archive", python.toPy(new Uint8Array(await bytes("_static/tinydigits.npz"))));
    const program = new TextDecoder().decode(await bytes("_static/try.py"));
    python.runPython(program);
    reader = python.runPython("reader = Reader(bytes(archive)); reader");
    const version = python.runPython("import sys; f'TinyTorch {torch.__version__}, NumPy {np.__version__}, Python {sys.version.split()[0]}'");
    say(`Running: ${version}.`);
    for (const name of ["train", "clear", "next", "backward"]) part(name).disabled = false;
    look();
  } catch (reason) {
    say(`Python did not start: ${String(reason.message || reason).trim().split("\n").pop()}. Reload the page to try again.`);
  }
}

// ---- the network ----

async function train() {
  part("train").disabled = true;
  const losses = [], curve = part("curve"), epochs = 40;
  curve.removeAttribute("hidden");
  for (let epoch = 1; epoch <= epochs; epoch += 1) {
    losses.push(reader.epoch());
    part("loss").textContent = `epoch ${epoch}: loss ${losses.at(-1).toFixed(3)}`;
    const points = losses.map((loss, i) => `${(400 * i) / (epochs - 1)},${100 - (98 * loss) / Math.max(...losses)}`);
    curve.firstElementChild.setAttribute("points", points.join(" "));
    await new Promise(requestAnimationFrame); // let the page show it
  }
  const count = reader.test_labels.length;
  part("loss").textContent += `; ${reader.right()} of ${count} test images are right`;
  part("train").disabled = false;
  look();
}

function grid(canvas, values, size, full) {
  const context = canvas.getContext("2d"), cell = canvas.width / size;
  for (let i = 0; i < size * size; i += 1) {
    const shade = 255 - Math.round((255 * values[i]) / full);
    context.fillStyle = `rgb(${shade} ${shade} ${shade})`;
    context.fillRect((i % size) * cell, Math.floor(i / size) * cell, cell, cell);
  }
}

function show(image, truth) {
  grid(part("seen"), image.flat(), 8, 16);
  const sure = reader.read(python.toPy(image)).toJs();
  const best = sure.indexOf(Math.max(...sure));
  const blank = image.flat().every((level) => level === 0);
  part("answer").textContent = blank ? "Draw something." :
    `It says ${best}, ${Math.round(100 * sure[best])}% sure.` + (truth === undefined ? "" : ` The writer meant ${truth}.`);
  part("bars").replaceChildren(...sure.map((share) => {
    const item = document.createElement("li"), bar = document.createElement("span");
    bar.style.width = `${100 * (blank ? 0 : share)}%`;
    item.append(bar, blank ? "" : `${Math.round(100 * share)}%`);
    return item;
  }));
}

function look() {
  if (!reader) return;
  const levels = python.globals.get("grey_levels");
  show(levels(python.toPy(dots)).toJs());
}

// ---- drawing ----

function paint() {
  const canvas = part("canvas");
  grid(canvas, dots, SIZE, 1);
  if (document.activeElement === canvas) {
    const context = canvas.getContext("2d"), cell = canvas.width / SIZE;
    context.strokeStyle = pen.down ? "#d67828" : "#2c62a8";
    context.lineWidth = 2;
    context.strokeRect(pen.x * cell - 1, pen.y * cell - 1, cell + 2, cell + 2);
  }
}

function dab() {
  for (let y = pen.y - 1; y <= pen.y + 1; y += 1) {
    for (let x = pen.x - 1; x <= pen.x + 1; x += 1) {
      if (x >= 0 && y >= 0 && x < SIZE && y < SIZE) dots[y * SIZE + x] = 1;
    }
  }
}

function to(x, y) { // the pen goes there in a straight line
  const steps = Math.max(Math.abs(x - pen.x), Math.abs(y - pen.y), 1), from = { ...pen };
  for (let step = 1; step <= steps; step += 1) {
    pen.x = Math.round(from.x + ((x - from.x) * step) / steps);
    pen.y = Math.round(from.y + ((y - from.y) * step) / steps);
    if (pen.down) dab();
  }
}

function place(event) {
  const canvas = part("canvas"), box = canvas.getBoundingClientRect();
  const dot = (at, from, length) => Math.min(SIZE - 1, Math.max(0, Math.floor(((at - from) / length) * SIZE)));
  return [dot(event.clientX, box.left, box.width), dot(event.clientY, box.top, box.height)];
}

function key(event) {
  const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  if (event.key === " ") {
    pen.down = !pen.down;
    if (pen.down) dab();
  } else if (event.key in moves) {
    const [right, down] = moves[event.key], within = (at) => Math.min(SIZE - 1, Math.max(0, at));
    to(within(pen.x + right), within(pen.y + down));
  } else return;
  event.preventDefault();
  paint();
  look();
}

function clear() {
  dots.fill(0);
  pen.down = false;
  paint();
  look();
}

let shown = -1;
function testImage() {
  shown = (shown + 1) % reader.test_labels.length;
  const image = reader.test_images.toJs !== undefined ? reader.test_images.tolist().toJs()[shown] : [];
  image.flat().forEach((level, i) => { // the same image, in the dots of a drawing
    for (let j = 0; j < 16; j += 1) {
      dots[(4 * Math.floor(i / 8) + Math.floor(j / 4)) * SIZE + 4 * (i % 8) + (j % 4)] = j < level ? 1 : 0;
    }
  });
  paint();
  show(image, reader.test_labels.tolist().toJs()[shown]);
}

// ---- one backward pass ----

let steps = [];
function backward(event) {
  event.preventDefault();
  const given = new FormData(part("numbers"));
  steps = python.globals.get("backward")(...["w", "x", "b", "target"].map((name) => Number(given.get(name)))).toJs();
  part("steps").tBodies[0].replaceChildren();
  part("step").disabled = false;
  step();
}

function step() {
  const [name, value, gradient] = steps.shift();
  const row = part("steps").tBodies[0].insertRow();
  for (const text of [name === "product" ? "w x" : name, value.toPrecision(4), gradient.toPrecision(4), WHY[name]]) {
    row.insertCell().textContent = text;
  }
  part("step").disabled = steps.length === 0;
}

// ---- who asks for what ----

part("start").addEventListener("click", start);
part("train").addEventListener("click", train);
part("clear").addEventListener("click", clear);
part("next").addEventListener("click", testImage);
part("numbers").addEventListener("submit", backward);
part("step").addEventListener("click", step);
const canvas = part("canvas");
canvas.addEventListener("keydown", key);
canvas.addEventListener("focus", paint);
canvas.addEventListener("blur", paint);
canvas.addEventListener("pointerdown", (event) => {
  canvas.setPointerCapture(event.pointerId);
  [pen.x, pen.y] = place(event);
  pen.down = true;
  dab();
  paint();
});
canvas.addEventListener("pointermove", (event) => {
  if (!canvas.hasPointerCapture(event.pointerId)) return;
  to(...place(event));
  paint();
  look();
});
canvas.addEventListener("pointerup", () => { pen.down = false; paint(); look(); });
paint();
