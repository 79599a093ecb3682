"""Edits from files to a file, with the recipe that makes them again."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from mgpe_tf.editing.carry_out import carry_out
from mgpe_tf.editing.operations import Tell
from mgpe_tf.editing.photograph import Photograph
from mgpe_tf.editing.portrait_editor import PortraitEditor
from mgpe_tf.errors import UserError
from mgpe_tf.provenance import encoding, marks
from mgpe_tf.provenance.kept import Kept, kept_from
from mgpe_tf.provenance.recipe import Model, Recipe, from_json
from mgpe_tf.provenance.signing import Parent, Signer, sign
from mgpe_tf.storage.hashes import sha256_of_files
from mgpe_tf.training.model_files import model_sha256

WHOLLY_GENERATED = ("strip", "animate", "variety")
"""Operations that draw portraits of which no pixel is a photograph's."""


def models_of(paths: Mapping[str, Path]) -> tuple[Model, ...]:
    """What a recipe says of the models at some paths, by role."""
    return tuple(Model(role, path.resolve().name, sha256_of_files(model_sha256(path))) for role, path in paths.items())


def make(
    editor: PortraitEditor,
    models: Sequence[Model],
    photographs: Sequence[Photograph],
    operations: Sequence[dict],
    format: str,
    marked: bool = True,
    signer: Signer | None = None,
    notices: list[str] | None = None,
    tell: Tell = lambda face, choice: None,
) -> encoding.Marked:
    """Edits photographs and encodes the result.

    Args:
      editor: edits.
      models: what the recipe says of it.
      photographs: the inputs; the first is the one that is edited, and whose colour profile and notices are kept.
      operations: see ``operations.carry_out``.
      format: "PNG" or "JPEG"; "GIF" for an animation.
      marked: whether the picture gets its marks and recipe.
      signer: whose Content Credentials it gets besides; None for none.
      notices: see ``carry_out``.
      tell: is given the faces that were read; see ``operations.Run``.

    Raises:
      UserError: the edit cannot be made, or changes nothing; a recipe that is made again may.
    """
    generated, target = bool(operations) and operations[-1]["op"] in WHOLLY_GENERATED, photographs[0]
    if format == "JPEG" and not generated and target.picture.is_transparent:
        raise UserError(f"{target.input.file} is transparent, which a JPEG cannot be; allowed for the output: .png")
    photos = [(str(photo.path), photo.image) for photo in photographs]
    pictures = [photo.picture for photo in photographs]
    picture, operations = carry_out(editor, operations, photos, pictures, notices, tell)
    if notices is not None and np.array_equal(picture, target.picture.pixels):
        raise UserError(f"nothing changed: {_likely_reason(operations, notices)}")
    if format == "JPEG" and picture.shape[-1] in (2, 4):
        picture = np.ascontiguousarray(picture[..., :-1])  # nothing of it is transparent
    kept = Kept() if generated else kept_from(target.data, str(target.path))
    kept = dataclasses.replace(kept, profile=None if generated else target.picture.profile)
    if not marked:
        return encoding.Marked(encoding.encode_pixels(picture, format, kept.profile))
    recipe = Recipe(tuple(models), tuple(photo.input for photo in photographs), tuple(operations), seed=0)
    kind = marks.GENERATED if generated else marks.EDITED
    made = encoding.encode(picture, kind, recipe, format, kept)
    if signer:
        parent = None if generated else Parent(photographs[0].input.file, photographs[0].data)
        made = dataclasses.replace(made, data=sign(made.data, "the edited picture", signer, kind, parent))
    return made


def _likely_reason(operations: Sequence[dict], notices: Sequence[str]) -> str:
    """Why a picture is as it was."""
    if notices:
        return "; ".join(notices)
    if any(step["op"] == "set_mask" for step in operations):
        return "the mask is the photograph's own"
    if any(step["op"] == "take" and not step["strength"] for step in operations):
        return "the strength is 0"
    if any(step["op"] == "shape" and not any(step["amounts"].values()) for step in operations):
        return "all amounts are 0"
    return "the result is as the photograph was"


def read_recipe(path: Path) -> Recipe:
    """The recipe in a picture, or in a JSON file; UserError if there is none."""
    if path.suffix.lower() == ".json":
        return from_json(marks.read_file(path), str(path))
    found = marks.read_marks(path)
    if found.recipe is None:
        beside = marks.recipe_path(path)
        if found.recipe_sha256 and beside.exists():
            return read_recipe(beside)
        raise UserError(
            f"{path}: no recipe in it; pictures that python -m mgpe_tf.edit made have one, unless it was "
            "removed or written with --no_provenance"
        )
    return found.recipe


def matched(recipe: Recipe, photographs: Iterable[Photograph], where: str = "--inputs") -> list[Photograph]:
    """The recipe's inputs, in its order, among some photographs; UserError naming the first that is not in `where`."""
    given = {photo.input.sha256: photo for photo in photographs}
    for item in recipe.inputs:
        if item.sha256 not in given:
            raise UserError(
                f"the input {item.file} ({item.width} x {item.height}, SHA-256 {item.sha256[:12]}...) is "
                f"not among {where}"
            )
    return [dataclasses.replace(given[item.sha256], input=item) for item in recipe.inputs]


def check_models(recipe: Recipe, models: Sequence[Model]) -> None:
    """UserError if the models at hand are not those of the recipe."""
    here = {model.role: model for model in models}
    for model in recipe.models:
        if model.role not in here or here[model.role].sha256 != model.sha256:
            flag = "model" if model.role == "editor" else model.role
            raise UserError(
                f"the recipe's {model.role} is {model.name} (SHA-256 {model.sha256[:12]}...), not the one "
                f"here; name it by --{flag}"
            )
