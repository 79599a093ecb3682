"""Exported networks say of themselves what they are: a JSON text, in a .tflite file's metadata under the name
"mgpe_tf", in a SavedModel's folder for what else belongs to it.

.tflite files are read, written and run with ai-edge-litert, without TensorFlow.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from mgpe_tf import labels
from mgpe_tf.errors import UserError

NAME = "mgpe_tf"
"""Name of the metadata entry."""

FILE = Path("assets.extra") / "labels.json"
"""Where the text lies in a SavedModel."""

IDENTIFIER = b"TFL3"
"""The bytes 4 to 8 of every .tflite file."""


def describe(resolution: int, task: str = "parser", label_set: str = "helen") -> dict:
    """The facts by which a program uses the files of the "parser" or the "editor": input size and range, the classes
    with their colours."""
    classes = zip(labels.label_set(label_set).names, labels.legend(label_set).tolist(), strict=True)
    return {
        "task": task,
        "resolution": resolution,
        "input_range": [-1.0, 1.0],
        "label_set": label_set,
        "labels": [{"id": i, "name": name, "colour": colour} for i, (name, colour) in enumerate(classes)],
    }


def write_beside(saved_model: Path, facts: dict) -> None:
    """Writes what ``describe`` gave into the folder of a SavedModel."""
    path = saved_model / FILE
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


def beside(saved_model: Path) -> dict:
    """The metadata in a SavedModel's folder; {} of an older one that has none. UserError if it is no such text."""
    path = saved_model / FILE
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(facts, dict):
            return facts
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError):
        pass
    raise UserError(f"{path}: cannot be read; copy the SavedModel or export it again")


def label_set_of(facts: dict, count: int, name: str) -> str:
    """The label set of a parser's classes, as its facts name it; Helen's where older ones name none.

    Args:
      facts: what ``describe`` gave.
      count: the classes that the network gives.
      name: of the file, for the error.

    Raises:
      UserError: a label set that is not known, or that has another number of classes.
    """
    label_set = facts.get("label_set", "helen")
    known = labels.MIRRORED.get(label_set) if isinstance(label_set, str) else None
    if known is None:
        raise UserError(f"{name}: reads label set {label_set!r}; allowed: {', '.join(labels.MIRRORED)}")
    if len(known) != count:
        raise UserError(
            f"{name}: gives {count} classes, but label set {label_set!r} has {len(known)}; copy or export it again"
        )
    return label_set


def attach(model: bytes, facts: dict) -> bytes:
    """The .tflite file `model` with `facts` as its metadata."""
    import flatbuffers

    schema = litert_schema()
    tree = schema.ModelT.InitFromPackedBuf(bytearray(model), 0)
    buffer, entry = schema.BufferT(), schema.MetadataT()
    buffer.data = np.frombuffer(json.dumps(facts).encode(), np.uint8)
    entry.name, entry.buffer = NAME, len(tree.buffers)
    tree.buffers.append(buffer)
    tree.metadata = [*(tree.metadata or []), entry]
    builder = flatbuffers.Builder(len(model))
    builder.Finish(tree.Pack(builder), IDENTIFIER)
    return bytes(builder.Output())


def read(model: bytes, name: str, task: str = "parser") -> dict:
    """The facts attached to a .tflite file; `name` stands for it in the UserError if it is none of the task."""
    schema = litert_schema()
    try:
        if model[4:8] == IDENTIFIER:
            tree = schema.Model.GetRootAs(model, 0)
            for entry in map(tree.Metadata, range(tree.MetadataLength())):
                if entry.Name() == NAME.encode():
                    facts = json.loads(tree.Buffers(entry.Buffer()).DataAsNumpy().tobytes())
                    if facts["task"] == task:
                        return facts
    except (struct.error, LookupError, TypeError, ValueError) as error:
        raise UserError(f"{name}: broken .tflite file ({error}); copy or export it again") from error
    raise UserError(
        f"{name}: no .tflite file of the {task}; allowed: those that python -m mgpe_tf.export_model {task} writes"
    )


def interpreter(path: Path, task: str, num_threads: int | None) -> tuple[Any, dict]:
    """The interpreter of a .tflite file of a task, and its metadata; UserError naming the file if it is none.

    Args:
      path: the file.
      task: "parser" or "editor".
      num_threads: threads to run on; None for LiteRT's own choice.
    """
    model = path.read_bytes()
    facts = read(model, str(path), task)
    from ai_edge_litert.interpreter import Interpreter

    try:
        found = Interpreter(model_content=model, num_threads=num_threads)
        found.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise UserError(f"{path}: broken .tflite file ({error}); copy or export it again") from error
    return found, facts


def litert_schema() -> ModuleType:
    """The generated schema of .tflite files; UserError if ai-edge-litert is missing."""
    try:
        from ai_edge_litert import schema_py_generated
    except ImportError as error:
        raise UserError(".tflite files need ai-edge-litert: pip install 'mgpe_tf[tflite]'") from error
    return schema_py_generated
