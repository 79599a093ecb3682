"""Doing what a recipe says, and saying where the faces were."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from mgpe_tf.data.picture import Picture
from mgpe_tf.editing.operations import FaceOf, Operation, Run, Take, Tell, parse
from mgpe_tf.editing.portrait_editor import PortraitEditor
from mgpe_tf.errors import UserError


def carry_out(
    editor: PortraitEditor,
    operations: Sequence[dict],
    photos: Sequence[tuple[str, np.ndarray]],
    pictures: Sequence[Picture] = (),
    notices: list[str] | None = None,
    tell: Tell = lambda face, choice: None,
) -> tuple[np.ndarray, list[dict]]:
    """Does what a recipe says.

    Args:
      editor: edits.
      operations: {"op": name, ...fields}; all are checked before the first is done.
      photos: (name, uint8 RGB [H, W, 3]) of the inputs.
      pictures: the same as their files hold them, for a result that stays so; none: it is as `photos`.
      notices: gets what a user should know of the edit (``Session.notices``); None for a recipe that is made again, of
        which nothing is refused.
      tell: see ``operations.Run``.

    Returns:
      The picture, uint8 [H, W, C] as that of the target, or RGB, or the frames of an animation [N, H, W, 3], and the
      operations with the places of the faces that were found.

    Raises:
      UserError: names the operation that cannot be done.
    """
    parsed, run = parse(operations), Run(editor, photos, pictures, notices is not None, tell)
    for i, operation in enumerate(parsed, start=1):
        try:
            operation.apply(run)
        except UserError as error:
            raise UserError(f"operation {i} ({operations[i - 1]['op']}): {error}") from error
    if run.picture is None:
        raise UserError("the operations draw no picture; the last must be render, strip, animate or variety")
    if notices is not None:
        notices += run.session.notices
    done = [
        (name["op"], one)
        for name, operation in zip(operations, parsed, strict=True)
        for one in (operation.done(run) if isinstance(operation, Take) else [operation])
    ]
    return run.picture, [_with_places(name, operation, run) for name, operation in done]


def _with_places(name: str, operation: Operation, run: Run) -> dict:
    """An operation as JSON holds it, its faces with their matrices."""
    places: dict[str, Any] = {}
    for field in dataclasses.fields(operation):
        value = getattr(operation, field.name)
        if isinstance(value, FaceOf):
            places[field.name] = run.found(value)
        elif isinstance(value, tuple):
            places[field.name] = tuple(map(run.found, value))
    document = dataclasses.asdict(dataclasses.replace(operation, **places))
    return json.loads(json.dumps({"op": name, **document}))  # tuples become lists, as in a file
