// Tiles in the browser. From the server: props.value = {tiles, pictures}, see tiles.py; without `pictures` those before
// stay. To the server: the event "select" with {name}.
const row = element.querySelector(".tiles");
let names = "", pictures = {};

function made({ name, label }) {
  const button = document.createElement("button"), face = document.createElement("span");
  const text = document.createElement("span"), why = document.createElement("small");
  button.type = "button";
  button.dataset.name = name;
  face.className = "face";
  text.textContent = label;
  button.append(face, text, why);
  return button;
}

function update(button, { name, pressed, reason, colour, icon }) {
  const face = button.firstChild, picture = pictures[name];
  button.dataset.kind = colour ? "colour" : "picture";
  face.style.background = colour || "";
  if (picture && face.firstChild?.src !== picture) {
    const image = new Image();
    image.alt = "";
    image.src = picture;
    face.replaceChildren(image);
  } else if (!picture) face.textContent = icon;
  button.lastChild.textContent = reason;
  button.lastChild.hidden = !reason;
  reason ? button.setAttribute("aria-disabled", "true") : button.removeAttribute("aria-disabled");
  pressed === null ? button.removeAttribute("aria-pressed") : button.setAttribute("aria-pressed", String(pressed));
}

function receive() {
  const tiles = props.value?.tiles || [], now = JSON.stringify(tiles.map(({ name, label }) => [name, label]));
  pictures = props.value?.pictures || (now === names ? pictures : {});
  if (now !== names) row.replaceChildren(...tiles.map(made));
  names = now;
  tiles.forEach((tile, i) => update(row.children[i], tile));
}

row.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button || button.hasAttribute("aria-disabled")) return;
  const pressed = button.getAttribute("aria-pressed");
  if (pressed) button.setAttribute("aria-pressed", String(pressed === "false"));  // until the server says what is
  trigger("select", { name: button.dataset.name });
});

watch("value", receive);
document.addEventListener("answered", receive);
receive();
