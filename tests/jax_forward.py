"""Run by test_jax.py in a process with KERAS_BACKEND=jax, in which TensorFlow cannot be imported; by the same
functions test_jax.py computes what TensorFlow gives.

Usage: python jax_forward.py WEIGHTS.npz OUTPUTS.npz
"""

from __future__ import annotations

import sys

if __name__ == "__main__":
    sys.modules["tensorflow"] = None  # an import of it raises ImportError

import keras
import numpy as np
from keras import ops
from small import as_inputs, compact, portraits, small_config

from mgpe_tf.objectives.editor import EditorObjective
from mgpe_tf.objectives.parser import ParserObjective
from mgpe_tf.objectives.registration import RegistrationObjective
from mgpe_tf.ops import enlarge_labels, similarity_warp

MATRICES = np.array([[[0.9, -0.3, 2.3], [0.3, 0.9, -1.7]], [[1.2, 0.2, -3], [-0.2, 1.2, 4]]], np.float32)


def build() -> dict:
    """The objectives by name; the editor reads the parser that another trains."""
    parser = ParserObjective(small_config(task="parser"))
    parser.networks["parser"].drop.rate = 0.0  # backends draw other noise
    config = small_config(compact(variational=True), gan="hinge", detail_weight=2.0)
    return {
        "parser": parser,
        "editor": EditorObjective(config, parser.networks["parser"]),
        "registration": RegistrationObjective(small_config(bending=1.0, strain=1.0)),
    }


def networks(built: dict) -> dict[str, keras.Model]:
    """The networks whose weights are handed over."""
    return {name: network for objective in built.values() for name, network in objective.networks.items()}


def weights(built: dict) -> dict[str, np.ndarray]:
    """All weights by network and index."""
    return {
        f"{name}/{i}": np.asarray(v) for name, network in networks(built).items() for i, v in enumerate(network.weights)
    }


def load(built: dict, arrays) -> None:
    """The inverse of ``weights``."""
    for name, network in networks(built).items():
        for i, v in enumerate(network.weights):
            v.assign(arrays[f"{name}/{i}"])


def outputs(built: dict) -> dict[str, np.ndarray]:
    """Forward passes of everything that runs on any backend, by name."""
    batch = {**portraits(), "noise": np.random.default_rng(1).normal(size=(2, 5, 8)).astype(np.float32)}
    editor, parser, registration = built["editor"], built["parser"], built["registration"]
    image = as_inputs(batch)[2]
    result = {
        "enlarged": enlarge_labels(batch["target_mask"], 1.3),
        "warp": similarity_warp(image, MATRICES),
        "warp labels": similarity_warp(batch["target_mask"][..., None], MATRICES, "nearest"),
        "generated": editor.networks["generator"].generate(*as_inputs(batch)),
        "P_F": editor.parser(image),
    }
    flows = {**batch, "noise": np.random.default_rng(2).normal(size=(2, *registration.noise)).astype(np.float32)}
    for name, objective in built.items():
        found = objective.validation(objective.networks[objective.product], batch)
        result.update({f"{name} {k}": v for k, v in found.items()})
    for kind in ("paired", "unpaired"):
        result.update({f"{kind} {k}": v for k, v in editor.losses(kind, batch)[1].items()})
        result.update({f"{kind} {k}": v for k, v in registration.losses(kind, flows)[1].items()})
    result["L_P"] = parser.losses("paired", batch)[0]["parser"]
    return {name: ops.convert_to_numpy(value) for name, value in result.items()}


if __name__ == "__main__":
    everything = build()
    load(everything, np.load(sys.argv[1], allow_pickle=False))
    np.savez(sys.argv[2], **outputs(everything), backend=keras.backend.backend(), modules=sorted(sys.modules))
