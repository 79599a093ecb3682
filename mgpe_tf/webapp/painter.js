// The painter in the browser. `element`, `props`, `trigger` and `watch` come from Gradio's custom HTML components.
// From the server: props.value = {mask}, and {size, portrait, original, unsure} with it for another face; masks are runs
// [id, length, ...], of `unsure` 1 where the reading is not sure. To the server: props.value = {mask}, with the event
// "input".
const { names, keys, colours, flipped } = props;
const find = (selector) => element.querySelector(selector);
const [canvas, image, cursor, status, stripes] = ["canvas", "img", ".cursor", ".status", ".unsure"].map(find);
const pen = canvas.getContext("2d");
const WORDS = new Uint32Array(new Uint8Array(colours.flatMap((colour) => [...colour, 255])).buffer);
const STRIPES = new Uint32Array(new Uint8Array([0, 0, 0, 130, 255, 255, 255, 190]).buffer);
let size = 0, mask = null, original = null, unsure = null, position = null, before = null, last = null;

const toRuns = (pixels) => {
  const runs = [];
  pixels.forEach((id, i) => (i && id === pixels[i - 1] ? runs[runs.length - 1]++ : runs.push(id, 1)));
  return runs;
};

const fromRuns = (runs) => {
  const pixels = new Uint8Array(size * size);
  for (let i = 0, at = 0; i < runs.length; at += runs[i + 1], i += 2) pixels.fill(runs[i], at, at + runs[i + 1]);
  return pixels;
};

const chosen = (name) => find(`input[name=painter-${name}]:checked`).value;
const setting = (name) => find(`[data-set=${name}]`);
const choose = (name, value) => (find(`input[name=painter-${name}][value="${value}"]`).checked = true);
const radius = () => Number(setting("size").value) / 2 * size / 256;

function show() {
  const picture = pen.createImageData(size, size), words = new Uint32Array(picture.data.buffer);
  mask.forEach((id, i) => (words[i] = WORDS[id]));
  pen.putImageData(picture, 0, 0);
  showUnsure();
}

// Stripes where the mask is as it was read, and the reading is not sure.
function showUnsure() {
  const context = stripes.getContext("2d"), picture = context.createImageData(size, size);
  const words = new Uint32Array(picture.data.buffer), wanted = setting("unsure").checked;
  mask.forEach((id, i) => {
    if (wanted && unsure[i] && id === original[i]) words[i] = STRIPES[((i % size) + Math.floor(i / size)) >> 1 & 1];
  });
  context.putImageData(picture, 0, 0);
}

function showCursor() {
  cursor.hidden = !position || chosen("tool") === "fill";
  if (cursor.hidden) return;
  const scale = 100 / size;
  cursor.style.left = `${position.x * scale}%`;
  cursor.style.top = `${position.y * scale}%`;
  cursor.style.width = cursor.style.height = `${2 * radius() * scale}%`;
}

function set(x, y, id) {
  mask[y * size + x] = chosen("tool") === "eraser" ? original[y * size + x] : id;
}

function stamp(x, y) {
  const id = Number(chosen("class")), r = Math.max(radius(), 0.5), both = setting("both").checked;
  for (let row = Math.max(0, Math.floor(y - r)); row < Math.min(size, y + r); row++)
    for (let column = Math.max(0, Math.floor(x - r)); column < Math.min(size, x + r); column++)
      if (Math.hypot(column + 0.5 - x, row + 0.5 - y) <= r) {
        set(column, row, id);
        if (both) set(size - 1 - column, row, flipped[id]);
      }
}

function line(from, to) {
  const steps = Math.max(1, Math.ceil(2 * Math.hypot(to.x - from.x, to.y - from.y)));
  for (let i = 0; i <= steps; i++) stamp(from.x + (to.x - from.x) * i / steps, from.y + (to.y - from.y) * i / steps);
}

function flood(x, y, id) {
  const start = Math.floor(y) * size + Math.floor(x), old = mask[start], waiting = [start];
  while (id !== old && waiting.length) {
    const at = waiting.pop(), column = at % size;
    if (mask[at] !== old) continue;
    mask[at] = id;
    if (column > 0) waiting.push(at - 1);
    if (column < size - 1) waiting.push(at + 1);
    if (at >= size) waiting.push(at - size);
    if (at < size * (size - 1)) waiting.push(at + size);
  }
}

function fill({ x, y }) {
  const id = Number(chosen("class"));
  flood(x, y, id);
  if (setting("both").checked) flood(size - 0.5 - Math.floor(x), y, flipped[id]);
}

function send() {
  show();
  props.value = { mask: toRuns(mask) };
  trigger("input");
}

function begin() {
  before = mask.slice();
}

function finish() {
  if (before && before.some((id, i) => id !== mask[i])) {
    send();
  }
  before = last = null;
}

const place = (event) => {
  const box = canvas.getBoundingClientRect();
  const along = (value, low, length) => Math.min(Math.max((value - low) / length * size, 0), size - 0.01);
  return { x: along(event.clientX, box.left, box.width), y: along(event.clientY, box.top, box.height) };
};

canvas.addEventListener("pointerdown", (event) => {
  if (!mask || event.button) return;
  canvas.focus({ preventScroll: true });
  canvas.setPointerCapture(event.pointerId);
  begin();
  last = position = place(event);
  chosen("tool") === "fill" ? fill(last) : line(last, last);
  show();
  showCursor();
});

canvas.addEventListener("pointermove", (event) => {
  if (!mask) return;
  const to = position = place(event);
  showCursor();
  if (!last || chosen("tool") === "fill") return;
  line(last, to);
  last = to;
  show();
});

canvas.addEventListener("pointerup", finish);
canvas.addEventListener("pointercancel", finish);
canvas.addEventListener("pointerleave", () => { if (!last) position = null; showCursor(); });
setting("unsure").addEventListener("change", () => { if (mask) showUnsure(); });
setting("opacity").addEventListener("input", (event) => (canvas.style.opacity = event.target.value / 100));

const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function onCanvasKey(event) {
  position = position || { x: size / 2, y: size / 2 };
  if (event.key in MOVES) {
    const [right, down] = MOVES[event.key], far = event.shiftKey ? 1 : Math.max(1, radius());
    const inside = (value) => Math.min(Math.max(value, 0), size - 0.01);
    position = { x: inside(position.x + right * far), y: inside(position.y + down * far) };
  } else if (event.key === " " || event.key === "Enter") {
    begin();
    chosen("tool") === "fill" ? fill(position) : stamp(position.x, position.y);
    finish();
  } else return false;
  const id = mask[Math.floor(position.y) * size + Math.floor(position.x)];
  status.textContent = `Row ${Math.floor(position.y)}, column ${Math.floor(position.x)}: ${names[id]}`;
  return true;
}

function onKey(event) {
  const key = event.key.toLowerCase(), tool = { b: "brush", f: "fill", e: "eraser" }[key];
  if (event.target === canvas && onCanvasKey(event)) return true;
  if (event.altKey || event.ctrlKey || event.metaKey) return false;
  if (key === "z" || key === "y") document.querySelector(key === "y" || event.shiftKey ? "#redo" : "#undo").click();
  else if (tool) choose("tool", tool);
  else if (keys.includes(key)) choose("class", keys.indexOf(key));
  else if (key === "[" || key === "]") setting("size").value = Number(setting("size").value) + (key === "]" ? 2 : -2);
  else return false;
  status.textContent = `${chosen("tool")}, ${names[chosen("class")]}, size ${setting("size").value}`;
  return true;
}

element.addEventListener("keydown", (event) => {
  if (!mask || !onKey(event)) return;
  event.preventDefault();
  showCursor();
});

function receive() {
  const value = props.value;
  if (value && value.portrait) {
    ({ size } = value);
    canvas.width = canvas.height = stripes.width = stripes.height = size;
    image.src = value.portrait;
    original = fromRuns(value.original);
    unsure = fromRuns(value.unsure);
  }
  mask = value && fromRuns(value.mask);
  element.querySelectorAll("fieldset").forEach((each) => (each.disabled = !mask));
  image.hidden = canvas.hidden = stripes.hidden = !mask;
  canvas.tabIndex = mask ? 0 : -1;
  find(".empty").hidden = Boolean(mask);
  canvas.style.opacity = setting("opacity").value / 100;
  if (mask) show();
}

watch("value", receive);
receive();
