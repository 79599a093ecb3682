"""A trained editor with its parser in one folder, as it is deployed."""

from __future__ import annotations

import string
from pathlib import Path

import tensorflow as tf

from mgpe_tf.config import Config
from mgpe_tf.export.editor_saved_model import write_editor
from mgpe_tf.export.folder import new_folder
from mgpe_tf.export.parser import latest_step
from mgpe_tf.export.warmup import BLANK, constant, encoded, write_warmup
from mgpe_tf.shipped import SAVED_MODEL
from mgpe_tf.training.restore import load_product

CARD = string.Template("""\
# Model card: portrait editor $name

Draws an aligned portrait of $resolution x $resolution pixels: the shape and the background of one, the appearance of
another; G of Gu et al., "Mask-Guided Portrait Editing with Conditional GANs" (CVPR 2019), in an implementation of its
own (mgpe_tf $version). With it comes the parser P_F that reads masks.

`1` is a SavedModel; `sha256sum -c SHA256SUMS` checks the files. Images are float32 [B, $resolution, $resolution, 3] in
[-1, 1], masks int32 [B, $resolution, $resolution] of the ids 0 to 10.

| signature | inputs | outputs |
| --- | --- | --- |
| `edit`, `serving_default` | `source_images`, `source_masks`, `target_images`, `target_masks` | `images` |
| `edit_encoded` | `sources`, `targets`: JPEG or PNG files of aligned portraits | `png_bytes` |
| `parse` | `images` | `label_map` uint8 |
| `embed` | `images`, `masks` | five embeddings by component name |
| `render` | the five embeddings, `images`, `masks` | `images` |

## Training

Step $step of the experiment `$name`, seed $seed, batch $batch, on the layout `$layout`, label set `$label_set`. The
parser is `$parser`.

## Use and limits

For upright faces from the front, aligned as the training data were. Outputs are synthetic pictures: say so wherever
they are shown, edit pictures of people only with their consent, and do not use them to deceive, harass or identify
anyone. Quality differs between groups of people as the training data do.

Weights are bound by the licence of the data they were trained on. CelebAMask-HQ allows non-commercial research only,
and so do weights trained on it.
""")


def export_editor(run: Path, parser_run: Path, output: Path, overwrite: bool = False) -> int:
    """Writes 1/ (a SavedModel), MODEL_CARD.md and SHA256SUMS.

    Args:
      run: run folder of an editor.
      parser_run: run folder of the parser that reads its masks.
      output: the folder to be; it appears when all is done.
      overwrite: replace an exported folder.

    Returns:
      The size of the SavedModel in bytes.
    """
    with new_folder(output, overwrite) as folder:
        config, generator = load_product(run, "editor")
        parser_config, parser = load_product(parser_run, "parser")
        write_editor(generator, config, parser, parser_config.data.resolution, folder / SAVED_MODEL)
        write_warmup(folder / SAVED_MODEL, output.name, warmup_requests(generator.resolution))
        (folder / "MODEL_CARD.md").write_text(_card(config, parser_config.name, latest_step(run)), encoding="utf-8")
        return sum(path.stat().st_size for path in (folder / SAVED_MODEL).rglob("*") if path.is_file())


def warmup_requests(size: int) -> dict[str, dict]:
    """A request of each kind that a server gets."""
    image, mask = constant(0.0, tf.float32, 1, size, size, 3), constant(0, tf.int32, 1, size, size)
    return {
        "edit": {"source_images": image, "source_masks": mask, "target_images": image, "target_masks": mask},
        "edit_encoded": {"sources": encoded(BLANK), "targets": encoded(BLANK)},
    }


def _card(config: Config, parser: str, step: int) -> str:
    from mgpe_tf import __version__

    return CARD.substitute(
        name=config.name, version=__version__, resolution=config.data.resolution, step=step,
        seed=config.training.seed, batch=config.training.batch_size, layout=config.data.layout,
        label_set=config.data.label_set, parser=parser)
