"""A trained registration network in a folder: for programs that carry pixels by themselves, and for phones."""

from __future__ import annotations

import string
import tempfile
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from mgpe_tf.data.source import Source
from mgpe_tf.data.synthetic import SyntheticSource
from mgpe_tf.export.folder import file_size, new_folder
from mgpe_tf.export.tflite import converted, new_converter
from mgpe_tf.models import metadata
from mgpe_tf.models.files import SAVED_MODEL
from mgpe_tf.models.resting import registration_network
from mgpe_tf.models.runs import load_product
from mgpe_tf.networks.carrying import flow_of_own
from mgpe_tf.networks.registration import Registration

RESOLUTION = 256
"""Side in pixels of the masks."""

SAMPLES = 8
"""Pairs of masks on which every form is compared with the network."""

CARD = string.Template("""\
# Model card: registration network

Finds the flow by which one face mask becomes another, so that a photograph's own pixels can be carried to where a
changed mask has them. It reads masks alone.

| file | bytes | farthest from the network's flow, in pixels |
| --- | --- | --- |
$files

The last column is measured on $samples pairs of $kind masks. `sha256sum -c SHA256SUMS` checks the files.

- `1`, a SavedModel: signature `flow` (the default): `source_masks` and `target_masks`, int32 [B, $size, $size] of the
  ids 0 to 10 -> `flows` float32 [B, $size, $size, 2], (right, down) in pixels: the target mask at p is the source
  mask, and so the new picture the photograph, at p + flow(p). By half-pixel coordinates it serves photographs of any
  size.
- `.tflite`: the same for one pair.

Weights are bound by the licence of the data they were trained on: CelebAMask-HQ and Helen allow non-commercial research
only.
""")


def export_registration(
    model: Path, output: Path, variants: Sequence[str], masks: Source | None = None, overwrite: bool = False
) -> dict[str, tuple[int, float]]:
    """Writes 1/ (a SavedModel), registration_VARIANT.tflite, MODEL_CARD.md and SHA256SUMS.

    Args:
      model: run folder of a registration, or a file of its weights, as saved_models/registration holds two.
      output: the folder to be; it appears when all is done.
      variants: of ``tflite.VARIANTS``, without int8.
      masks: portraits whose masks the forms are compared on, R x R; None for synthetic ones.
      overwrite: replace an exported folder.

    Returns:
      By name of the form: its bytes, and how far the end points of its flows are from the network's at most, in pixels.
    """
    network = registration_network(model) if model.is_file() else load_product(model, "registration")[1]
    with new_folder(output, overwrite) as folder:
        _write_saved_model(network, folder / SAVED_MODEL, None)
        forms = [SAVED_MODEL]
        with tempfile.TemporaryDirectory() as single:
            _write_saved_model(network, Path(single), 1)
            for variant in variants:
                forms.append(f"registration_{variant}.tflite")
                file = converted(
                    new_converter(single, variant, ["flow"]), metadata.describe(RESOLUTION, "registration")
                )
                (folder / forms[-1]).write_bytes(file)
        files = _compared(network, folder, forms, masks or SyntheticSource(SAMPLES, RESOLUTION))
        rows = "\n".join(f"| {name} | {size} | {apart:.3f} |" for name, (size, apart) in files.items())
        kind = "given" if masks else "synthetic"
        text = CARD.substitute(files=rows, samples=SAMPLES, kind=kind, size=RESOLUTION)
        (folder / "MODEL_CARD.md").write_text(text, encoding="utf-8")
    return files


def _write_saved_model(network: Registration, folder: Path, batch: int | None) -> None:
    """The network as a SavedModel, for so many pairs of masks at a time."""
    masks = [tf.TensorSpec((batch, RESOLUTION, RESOLUTION), tf.int32, f"{name}_masks") for name in ("source", "target")]
    flow = tf.function(
        lambda source_masks, target_masks: {"flows": flow_of_own(network, source_masks, target_masks)},
        input_signature=masks,
        autograph=False,
    )
    archive = keras.export.ExportArchive()
    archive.add_endpoint("flow", flow)
    archive.write_out(str(folder), verbose=False)


def _compared(network: Registration, folder: Path, forms: Sequence[str], source: Source) -> dict:
    """Size in bytes of every form, and how far its flows are from the network's."""
    masks = np.stack([source.load(i % len(source))[1] for i in range(2 * SAMPLES)]).astype(np.int32)
    pairs = [(masks[2 * i, None], masks[2 * i + 1, None]) for i in range(SAMPLES)]
    wanted = [np.asarray(flow_of_own(network, *map(tf.constant, pair))) for pair in pairs]
    found = {}
    for form in forms:
        run = _runner(folder / form)
        apart = [np.linalg.norm(run(*pair) - flow, axis=-1).max() for pair, flow in zip(pairs, wanted)]
        found[form] = file_size(folder / form), float(max(apart))
    return found


def _runner(path: Path):
    """A form as a function of two masks [1, R, R]."""
    if path.is_dir():
        model = tf.saved_model.load(path)
        return lambda source, target: model.signatures["flow"](
            source_masks=tf.constant(source), target_masks=tf.constant(target)
        )["flows"].numpy()
    interpreter, _ = metadata.interpreter(path, "registration", None)
    run = interpreter.get_signature_runner("flow")
    return lambda source, target: run(source_masks=source, target_masks=target)["flows"]
