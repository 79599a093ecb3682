"""Measures how well the probe of ``evaluate edits`` tells photographs from photographs that show something else.

  python -m tools.stand_ins CELEB/val CELEB/train trunk.npz --shapes=smile,open_mouth

The first portraits of the first data set are edited. In the place of each edit then stands another person's photograph:
the one of the second data set whose mask is most like the edited mask where the edit has changed something; for
comparison also the one whose mask is most like the mask before. What is told of these is not how an edit was made, but
what it shows: no edit that shows it is told less often by much. Edits of hair's colour and of faces, whose masks say
little of what changes, have no such stand-ins.
"""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

import cv2
import numpy as np
from absl import flags
from tqdm import tqdm

if __package__ in (None, ""):  # run as a file: make the packages beside tools/ visible
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from mgpe_tf import cli
from mgpe_tf.errors import UserError
from mgpe_tf.evaluation.measure.photo_edits import EDITS, chosen
from mgpe_tf.quiet import import_tensorflow

SHAPES = [name for name in EDITS if name not in ("hair_colour", "haircut", "swap")]

FIRST = flags.DEFINE_integer("first", 100, "How many portraits to edit.", lower_bound=2)
NAMES = flags.DEFINE_list("shapes", SHAPES, f"Edits to make, of {', '.join(SHAPES)}.")

SIDE = 128
"""Pixels a side at which masks are compared."""

AROUND = 7
"""Pixels at 256x256: side of the square by which a region is widened to compare masks."""


def compared(mask: np.ndarray) -> np.ndarray:
    """A mask, uint8 [R, R], as it is compared, uint8 [SIDE, SIDE]."""
    return cv2.resize(mask, (SIDE, SIDE), interpolation=cv2.INTER_NEAREST)


def nearest(mask: np.ndarray, region: np.ndarray, pool: np.ndarray) -> tuple[int, float]:
    """Which masks of a pool, uint8 [N, SIDE, SIDE], is most like another, uint8 [R, R], in and about a region, bool [R,
    R]; and the share of what is compared in which they are the same."""
    around = cv2.dilate(region.astype(np.float32), np.ones((AROUND, AROUND)))
    weights = cv2.resize(around, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    where = weights > 0
    same = (pool[:, where] == compared(mask)[where]) @ weights[where] / weights[where].sum()
    return int(same.argmax()), float(same.max())


def main(argv: list[str]) -> int:
    """Edits, finds stand-ins and asks the probe."""
    if len(argv) != 4:
        raise UserError("usage: python -m tools.stand_ins DATA POOL TRUNK.npz (--help for the rest)")
    names = [name for name in chosen(NAMES.value) if name in SHAPES]
    import_tensorflow()
    from mgpe_tf.data.open import open_joined
    from mgpe_tf.editing.portrait_editor import PortraitEditor
    from mgpe_tf.evaluation.measure.edited import changed, edited
    from mgpe_tf.evaluation.measure.realism import RegionFeatures, realism_auc, region_features

    editor, features = PortraitEditor.load(), RegionFeatures.load(Path(argv[3]))
    data, pool = (open_joined("folder", [folder], [], editor.resolution) for folder in argv[1:3])
    masks = np.stack([compared(pool.load(i)[1]) for i in tqdm(range(len(pool)), "Reading the pool")])
    numbers = range(min(FIRST.value, len(data)))
    faces = [editor.read(data.load(i)[0], aligned=True, name=data.names[i]) for i in tqdm(numbers, "Reading")]
    for name in names:
        found, agreed = [], []
        for face in tqdm(faces, name):
            with contextlib.suppress(UserError):  # refused, as to a user
                session = edited(editor, face, name, face)
                picture = session.render()
                region = changed(picture, face.photo)
                if not region.any():
                    continue
                others = [nearest(mask, region, masks) for mask in (session.mask, face.mask)]
                shown = (face.photo, picture, *(pool.load(number)[0] for number, _ in others))
                found.append([region_features(features.maps(each), region) for each in shown])
                agreed.append([share for _, share in others])
        photographs, *rest = np.array(found).swapaxes(0, 1)
        scores = [realism_auc(each, photographs) for each in rest]
        agreed_on = np.mean(agreed, axis=0)
        print(
            f"{name}: edits {scores[0]:.3f}; photographs of what they show {scores[1]:.3f} (masks agree on "
            f"{agreed_on[0]:.0%}), of what was there before {scores[2]:.3f} ({agreed_on[1]:.0%})"
        )
    return 0


if __name__ == "__main__":
    cli.run(main, positional=True)
