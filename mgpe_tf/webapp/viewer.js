// The viewer in the browser. From the server: props.value = {result, original, edited}, addresses of pictures; without
// `original` the one before stays. Of what is `edited` the browser asks before the page is left. The original shows
// while the picture or the button is pressed, or the key "o".
const find = (selector) => element.querySelector(selector);
const [picture, result, original, badge] = [".picture", ".result", ".original", ".badge"].map(find);
const [button, split, share] = ["[data-do=hold]", "[data-set=split]", "[data-set=share]"].map(find);
const writing = (target) => target.closest?.("input:not([type=range], [type=checkbox], [type=radio]), textarea");

function hold(on) {
  const shown = on && !original.hidden;
  picture.classList.toggle("holding", shown);
  badge.hidden = !shown;
}

function showSplit() {
  picture.classList.toggle("split", split.checked);
  share.hidden = !split.checked;
  original.style.clipPath = `inset(0 ${100 - share.value}% 0 0)`;
}

for (const part of [picture, button]) {
  part.addEventListener("pointerdown", (event) => { if (!event.button) hold(true); });
  for (const end of ["pointerup", "pointercancel", "pointerleave"]) part.addEventListener(end, () => hold(false));
  part.addEventListener("contextmenu", (event) => event.preventDefault());
}
button.addEventListener("keydown", (event) => { if (" Enter".includes(event.key)) hold(true); });
button.addEventListener("keyup", () => hold(false));
button.addEventListener("blur", () => hold(false));
split.addEventListener("change", showSplit);
share.addEventListener("input", showSplit);

// Keys for the whole page, but where something is written: "o" shows the original, Ctrl-Z and Ctrl-Y undo and redo.
document.addEventListener("keydown", (event) => {
  if (original.hidden || writing(event.target)) return;
  const key = event.key.toLowerCase(), control = event.ctrlKey || event.metaKey;
  if (key === "o" && !control && !event.altKey) hold(true);
  if (!control || !"zy".includes(key)) return;
  event.preventDefault();
  document.querySelector(key === "y" || event.shiftKey ? "#redo" : "#undo").click();
});
document.addEventListener("keyup", (event) => { if (event.key.toLowerCase() === "o") hold(false); });

addEventListener("beforeunload", (event) => { if (props.value?.edited) event.preventDefault(); });

function receive() {
  const value = props.value;
  if (value) result.src = value.result;
  if (value?.original) original.src = value.original;
  result.hidden = original.hidden = !value;
  button.disabled = split.disabled = !value;
  if (!value) hold(false);
}

watch("value", receive);
showSplit();
receive();
