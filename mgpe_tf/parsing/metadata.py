"""What a .tflite file of the parser says of itself: a JSON text in its metadata, under the name "mgpe_tf".

It is read and written with the schema that comes with ai-edge-litert, without TensorFlow.
"""

from __future__ import annotations

import json
import struct

import numpy as np

from mgpe_tf import labels
from mgpe_tf.errors import UserError

NAME = "mgpe_tf"
"""Name of the metadata entry."""

IDENTIFIER = b"TFL3"
"""What the bytes 4 to 8 of every .tflite file are."""


def describe(resolution: int) -> dict:
    """What a program needs to use the parser's files: input size and range, and the classes with their colours."""
    classes = zip(labels.HELEN_NAMES, labels.PALETTE.tolist(), strict=True)
    return {
        "task": "parser",
        "resolution": resolution,
        "input_range": [-1.0, 1.0],
        "labels": [{"id": i, "name": name, "colour": colour} for i, (name, colour) in enumerate(classes)],
    }


def attach(model: bytes, facts: dict) -> bytes:
    """The .tflite file `model` with `facts` as its metadata."""
    import flatbuffers

    schema = _schema()
    tree = schema.ModelT.InitFromPackedBuf(bytearray(model), 0)
    buffer, entry = schema.BufferT(), schema.MetadataT()
    buffer.data = np.frombuffer(json.dumps(facts).encode(), np.uint8)
    entry.name, entry.buffer = NAME, len(tree.buffers)
    tree.buffers.append(buffer)
    tree.metadata = [*(tree.metadata or []), entry]
    builder = flatbuffers.Builder(len(model))
    builder.Finish(tree.Pack(builder), IDENTIFIER)
    return bytes(builder.Output())


def read(model: bytes, name: str) -> dict:
    """The facts attached to a .tflite file; `name` stands for it in the UserError if there are none."""
    schema = _schema()
    try:
        tree = schema.Model.GetRootAs(model, 0) if model[4:8] == IDENTIFIER else None
        entries = [tree.Metadata(i) for i in range(tree.MetadataLength())] if tree else []
        for entry in entries:
            if entry.Name() == NAME.encode():
                return json.loads(tree.Buffers(entry.Buffer()).DataAsNumpy().tobytes())
    except (struct.error, IndexError, TypeError, ValueError) as error:
        raise UserError(f"{name}: broken .tflite file ({error}); copy or export it again") from error
    raise UserError(f"{name}: no .tflite file of the parser; allowed: those that python -m mgpe_tf.export_model writes")


def _schema():
    """The generated schema of .tflite files."""
    try:
        from ai_edge_litert import schema_py_generated
    except ImportError as error:
        raise UserError(".tflite files need ai-edge-litert: pip install 'mgpe_tf[tflite]'") from error
    return schema_py_generated
