"""Measures whose face an independent recognition network sees in edited portraits.

  pip install dlib-bin opencv-python-headless
  pip download --no-deps face_recognition_models && tar xzf face_recognition_models-*.tar.gz
  python -m tools.identity FOLDER --recognition=face_recognition_models-0.3.0/face_recognition_models/models \
      --edit=smile,slim,swap

FOLDER holds aligned portraits of the editor's resolution. Each of the first --portraits is edited as by
``python -m mgpe_tf.evaluate edits``, and the descriptors of dlib's network (King 2009, "Dlib-ml"; its weights are in
the public domain) are compared by the cosine of what they differ by from the mean of the photographs': about 0 for
strangers, 1 for the same picture. Train nothing by this network.
"""

from __future__ import annotations

import contextlib
import importlib.util
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from absl import flags
from tqdm import tqdm

if __package__ in (None, ""):  # run as a file: make the packages beside tools/ visible
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from mgpe_tf import cli
from mgpe_tf.data.formats import SUFFIXES, is_picture_name
from mgpe_tf.data.images import read_image
from mgpe_tf.errors import UserError
from mgpe_tf.evaluation.measure.photo_edits import EDITS, chosen
from mgpe_tf.quiet import import_tensorflow

COUNT = flags.DEFINE_integer("portraits", 100, "How many portraits to edit.", lower_bound=2)
RECOGNITION = flags.DEFINE_string("recognition", None, "Folder of face_recognition_models' files.")
NAMES = flags.DEFINE_list("edit", [], f"Edits to make, of {', '.join(EDITS)}; none for all.")

LARGER = 512
"""Pixels a side to which portraits are enlarged: dlib's detector finds faces of 80 pixels and more."""

USUAL = (110, 150, 400, 440)
"""Left, top, right and bottom of a face in an aligned portrait of that size, where the detector finds none."""


class Recognition:
    """dlib's detector, landmarks and descriptors.

    Args:
      folder: of the files that face_recognition_models brings.
    """

    def __init__(self, folder: str):
        if importlib.util.find_spec("dlib") is None:
            raise UserError("this needs dlib: pip install dlib-bin")
        import dlib

        self._dlib: Any = dlib
        landmarks, network = (
            str(Path(folder) / name)
            for name in ("shape_predictor_5_face_landmarks.dat", "dlib_face_recognition_resnet_model_v1.dat")
        )
        for path in (landmarks, network):
            if not Path(path).is_file():
                raise UserError(f"--recognition: there is no {path}; allowed: the models of face_recognition_models")
        self._detect = dlib.get_frontal_face_detector()
        self._landmarks = dlib.shape_predictor(landmarks)
        self._network = dlib.face_recognition_model_v1(network)

    def descriptor(self, portrait: np.ndarray) -> np.ndarray:
        """The descriptor of an aligned portrait's face, uint8 RGB [R, R, 3]: float64 [128]."""
        large = cv2.resize(portrait, (LARGER, LARGER), interpolation=cv2.INTER_CUBIC)
        faces = list(self._detect(large, 0)) or [self._dlib.rectangle(*USUAL)]
        place = self._landmarks(large, max(faces, key=lambda face: face.area()))
        return np.array(self._network.compute_face_descriptor(self._dlib.get_face_chip(large, place, 150, 0.25)))


def cosines(descriptors: np.ndarray, others: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """The cosine of each pair's differences from a mean, float [N]; all float [N, D] or [D]."""
    one, two = (each - mean for each in (descriptors, others))
    return (one * two).sum(axis=1) / np.linalg.norm(one, axis=1) / np.linalg.norm(two, axis=1)


def main(argv: list[str]) -> int:
    """Edits and compares."""
    if len(argv) != 2 or not RECOGNITION.value:
        raise UserError("usage: python -m tools.identity FOLDER --recognition=MODELS (--help for the rest)")
    names, recognition = chosen(NAMES.value), Recognition(RECOGNITION.value)
    files = sorted(path for path in Path(argv[1]).glob("*") if is_picture_name(path.name))[: COUNT.value]
    if len(files) < 2:
        raise UserError(f"{argv[1]}: {len(files)} portraits; allowed: 2 or more, of {', '.join(SUFFIXES)}")
    import_tensorflow()
    from mgpe_tf.editing.portrait_editor import PortraitEditor
    from mgpe_tf.evaluation.measure.edited import edited, others_of

    editor = PortraitEditor.load()
    faces = [editor.read(read_image(path), aligned=True, name=path.name) for path in tqdm(files, "Reading")]
    photographs = np.array([recognition.descriptor(face.photo) for face in faces])
    mean, others = photographs.mean(axis=0), others_of(len(faces))
    print(f"strangers {cosines(photographs, photographs[others], mean).mean():.3f}")
    for name in names:
        made, found = [], []
        for i in tqdm(range(len(faces)), name):
            with contextlib.suppress(UserError):  # refused, as to a user
                found.append(recognition.descriptor(edited(editor, faces[i], name, faces[others[i]]).render()))
                made.append(i)
        to = [cosines(np.array(found), photographs[of], mean).mean() if made else np.nan for of in (made, others[made])]
        print(f"{name}: to self {to[0]:.3f}, to the other {to[1]:.3f} ({len(made)} portraits)")
    return 0


if __name__ == "__main__":
    cli.run(main, positional=True)
