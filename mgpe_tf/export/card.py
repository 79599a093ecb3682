"""The model card of an exported parser: every number in it comes from the run, the files or an evaluation."""

from __future__ import annotations

import dataclasses
import json
import string
from pathlib import Path

from mgpe_tf import labels
from mgpe_tf.config import Config
from mgpe_tf.errors import UserError

CARD = string.Template("""\
# Model card: face parser $name

Reads eleven classes off an aligned portrait of $resolution x $resolution pixels: P_F of Gu et al., "Mask-Guided
Portrait Editing with Conditional GANs" (CVPR 2019), in an implementation of its own (mgpe_tf $version).

## Files

| file | bytes | pixels read as by the network it was made of |
| --- | --- | --- |
$files

The last column is measured on $samples. `sha256sum -c SHA256SUMS` checks the files.

- `saved_model`: signature `parse` (the default): `images` float32 [B, $resolution, $resolution, 3] in [-1, 1] ->
  `label_map` uint8 and `probabilities` float32 [..., 11]; `parse_encoded`: `images`, JPEG or PNG files of any size ->
  `label_png`.
- `.tflite`: one image [1, $resolution, $resolution, 3] in [-1, 1] -> `logits` [1, $resolution, $resolution, 11]; the
  id of a pixel is that of the largest. int8 takes and gives integers with the scales stored in the file.
  `labels.json` is in each file too, as the metadata "mgpe_tf".

## Classes

| id | class | colour (RGB) |
| --- | --- | --- |
$classes

Left is the viewer's left. Ears, neck, clothes and hats are background, glasses are skin.

## Training

Step $step of the experiment `$experiment`$averaged, seed $seed, batch $batch, layout `$layout`, label set `$label_set`.
The network: $network.

## Scores

$scores

## Use and limits

For portraits that are aligned as the training data were: one upright face, eyes, nose and mouth at their usual places.
Profiles, occluded, very small or several faces are read badly. The classes are where a face has its parts, not who
somebody is: do not use the reading to identify, judge or track people. Scores differ between groups of people as the
training data do; measure on your own before you rely on it.

Weights are bound by the licence of the data they were trained on. CelebAMask-HQ and Helen allow non-commercial research
only, and so do weights trained on them.
""")


def write_card(path: Path, config: Config, step: int, files: dict[str, tuple[int, float]], samples: str,
               scores: str) -> None:
    """Writes the card.

    Args:
      path: the file.
      config: of the run.
      step: of the checkpoint.
      files: by name, the size in bytes and the share of pixels that are read as by the network.
      samples: on which images that share was measured.
      scores: what ``scores_text`` gives.
    """
    from mgpe_tf import __version__

    network = ", ".join(f"{name} {value}" for name, value in dataclasses.asdict(config.parser).items() if value)
    colours = enumerate(zip(labels.HELEN_NAMES, labels.PALETTE.tolist(), strict=True))
    path.write_text(CARD.substitute(
        name=config.name,
        version=__version__,
        resolution=config.data.resolution,
        files="\n".join(f"| {name} | {size} | {share:.4f} |" for name, (size, share) in files.items()),
        samples=samples,
        classes="\n".join(f"| {i} | {name} | {', '.join(map(str, colour))} |" for i, (name, colour) in colours),
        step=step,
        experiment=config.name,
        averaged=f" (weights averaged, decay {config.training.ema})" if config.training.ema else "",
        seed=config.training.seed,
        batch=config.training.batch_size,
        layout=config.data.layout,
        label_set=config.data.label_set,
        network=network,
        scores=scores,
    ), encoding="utf-8")


def scores_text(path: Path | None) -> str:
    """The scores in a scores.json of ``python -m mgpe_tf.evaluate`` as a table; a sentence if there is no such file."""
    if path is None:
        return "None were given when this card was written."
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        rows = [f"| {name} | {value:.4f} | {found['protocols'][name]} |" for name, value in found["scores"].items()]
        heading = f"`{found['model']}` on {found['images']} portraits of `{found['data']}`"
    except OSError as error:
        raise UserError(f"--scores={path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"--scores={path}: no scores.json of python -m mgpe_tf.evaluate parser ({error!r})") from error
    return "\n".join([f"Measured: {heading}{', averaged with its mirror image' if found.get('flip') else ''}.", "",
                      "| score | value | protocol |", "| --- | --- | --- |", *rows])
