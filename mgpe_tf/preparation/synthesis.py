"""Faces drawn by an editor on edited masks, which are right by construction: training data for a parser (an application
of the paper)."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from keras import ops
from tqdm import tqdm

from mgpe_tf.data import images
from mgpe_tf.data.source import Source, resize_label
from mgpe_tf.editing.masks import edits
from mgpe_tf.editing.pixels.inpaint import bared, without_face
from mgpe_tf.metrics.segmentation import confusion_matrix, macro_f1
from mgpe_tf.models.editor_networks import EditorNetworks
from mgpe_tf.models.face_parser import FaceParser
from mgpe_tf.preparation.dataset import Writer, begin, described
from mgpe_tf.provenance import encoding, marks
from mgpe_tf.storage import files
from mgpe_tf.storage.lines import append_lines, read_lines, write_lines

SPLIT = "train"
"""Drawn faces are for training: judging by them would tell how well a parser reads this editor."""

BATCH = 8
"""Faces drawn at once; a crash costs no more."""

MOST_EDITS, STRONGEST = 3, 0.8
"""Most scripted edits of one mask, and their largest amount either way."""


@dataclasses.dataclass(frozen=True)
class SynthesisSettings:
    """All that determines the faces, beside the portraits.

    Attributes:
      licence: under which the portraits may be used.
      editor_sha256, parser_sha256: of the models' files.
      label_set: of the portraits' labels.
      image_format: "jpeg" of quality 95, or "png".
      seed: of what is drawn.
      min_agreement: faces off which the parser reads the mask with a lower macro F1 are left out.
    """

    licence: str
    editor_sha256: str
    parser_sha256: str
    label_set: str = "helen"
    image_format: str = "jpeg"
    seed: int = 0
    min_agreement: float = 0.7


@dataclasses.dataclass(frozen=True)
class Draft:
    """A face to be drawn: the appearance of portrait `source` on the mask of portrait `target` after some edits, with
    the background of `target`."""

    number: int
    target: int
    source: int
    amounts: dict[str, float]

    @property
    def name(self) -> str:
        """Of its files."""
        return f"drawn_{self.number:07d}"


def draft(number: int, portraits: int, seed: int) -> Draft:
    """The face of a number: the same whatever other faces are drawn."""
    generator = np.random.default_rng((seed, number))
    target, source = generator.integers(0, portraits, 2).tolist()
    names = generator.choice(list(edits.EDITS), generator.integers(1, MOST_EDITS + 1), replace=False)
    amounts = generator.uniform(-STRONGEST, STRONGEST, len(names)).round(3)
    return Draft(number, target, source, dict(zip(names.tolist(), amounts.tolist())))


class Synthesis:
    """A folder of drawn faces that grows: train/{images,labels,preview}/NAME, manifest.jsonl and rejected.jsonl.

    What is done is kept in faces.jsonl, a line per face, which is appended after its files are whole.

    Args:
      folder: made if it is missing.
      settings: must be those with which the folder was begun.
      source: the portraits.
      where: they lie; must be the same, too.

    Raises:
      UserError: the folder was begun otherwise, or is no folder of this kind.
    """

    def __init__(self, folder: Path, settings: SynthesisSettings, source: Source, where: str):
        self.folder, self._settings, self._source = folder, settings, source
        self._writer, self._journal = Writer(folder, settings.image_format), folder / "faces.jsonl"
        begin(folder, "synthesis.json", described(settings, input=where, resolution=source.resolution), (SPLIT,))
        self._lines = {line["number"]: line for line in read_lines(self._journal)}
        # What a crash has torn must not run into the line that is appended next.
        write_lines(self._journal, self._lines.values())

    def draw(self, count: int, networks: EditorNetworks, parser: FaceParser) -> str:
        """Draws the faces 0 to `count` - 1 that are not there yet; returns a summary. Progress goes to stderr."""
        drafts = [draft(number, len(self._source), self._settings.seed) for number in range(count)]
        missing = [each for each in drafts if each.number not in self._lines]
        with tqdm(total=count, initial=count - len(missing), unit=" faces", file=sys.stderr) as progress:
            for start in range(0, len(missing), BATCH):
                batch = missing[start : start + BATCH]
                self._record([self._written(*face) for face in zip(batch, *self._drawn(batch, networks, parser))])
                progress.update(len(batch))
        return self._finish()

    def _drawn(
        self, batch: list[Draft], networks: EditorNetworks, parser: FaceParser
    ) -> tuple[np.ndarray, Sequence[np.ndarray], list[float]]:
        """Pictures uint8 [B, R, R, 3], their masks uint8 [B, R, R], and how well the parser reads these, [B]."""
        givers = [self._source.load(each.source) for each in batch]
        masks, behind = zip(*(self._edited(each) for each in batch))
        embeddings = networks.embed_batch(*map(np.stack, zip(*givers)))
        pictures = networks.render_batch(embeddings, np.stack(behind), np.stack(masks))
        return pictures, masks, [agreement(parser, *face) for face in zip(pictures, masks)]

    def _edited(self, face: Draft) -> tuple[np.ndarray, np.ndarray]:
        """The target's mask after the edits, and the target with what they bare filled in."""
        portrait, own = self._source.load(face.target)
        mask = edits.apply(own, face.amounts)
        return mask, np.where(bared(own, mask)[..., None], without_face(portrait, own), portrait)

    def _written(self, face: Draft, picture: np.ndarray, mask: np.ndarray, agrees: float) -> dict:
        """The line of a face; its files are written if it is good enough."""
        kept = agrees >= self._settings.min_agreement
        if kept:
            image, label, preview = self._writer.paths(SPLIT, face.name)
            marked = encoding.encode(picture, marks.EDITED, format=encoding.format_for(image))
            files.write_bytes(image, marked.data)
            images.write_label(label, mask)
            images.write_preview(preview, mask)
        names = self._source.names
        return {
            "number": face.number,
            "name": face.name,
            "target": names[face.target],
            "source": names[face.source],
            "amounts": face.amounts,
            "agreement": round(agrees, 4),
            "kept": kept,
            "licence": self._settings.licence,
        }

    def _record(self, lines: list[dict]) -> None:
        append_lines(self._journal, lines)
        self._lines.update({line["number"]: line for line in lines})

    def _finish(self) -> str:
        """Writes manifest.jsonl and rejected.jsonl; returns the summary."""
        lines = [self._lines[number] for number in sorted(self._lines)]
        for name, kept in (("manifest.jsonl", True), ("rejected.jsonl", False)):
            write_lines(self.folder / name, (line for line in lines if line["kept"] == kept))
        good = sum(line["kept"] for line in lines)
        return (
            f"{good} faces of {len(self._source)} portraits; left out: {len(lines) - good} with an agreement below "
            f"{self._settings.min_agreement:g}"
        )


def agreement(parser: FaceParser, picture: np.ndarray, mask: np.ndarray) -> float:
    """Macro F1 of a parser's prediction for a picture, uint8 RGB [R, R, 3], against its mask, uint8 [R, R]."""
    prediction = parser.probabilities(parser.fit(picture)[None])[0].argmax(-1).astype(np.uint8)
    return macro_f1(ops.convert_to_numpy(confusion_matrix(mask, resize_label(prediction, len(mask)))))
