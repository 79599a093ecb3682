"""Edits from files to a file, with the recipe that makes them again."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from mgpe_tf.editing.operations import Open, Operation, Render, SetMask, Shape, Take
from mgpe_tf.editing.photograph import Photograph
from mgpe_tf.editing.portrait_editor import PortraitEditor
from mgpe_tf.editing.recipes import Inputs, Tell, follow, located, to_json
from mgpe_tf.errors import UserError
from mgpe_tf.models.files import model_sha256
from mgpe_tf.models.shipped import BESIDE_EDITOR, model_path
from mgpe_tf.provenance import encoding, marks
from mgpe_tf.provenance.kept import Kept, kept_from
from mgpe_tf.provenance.recipe import Model, Recipe, from_json
from mgpe_tf.provenance.signing import Parent, Signer, sign
from mgpe_tf.storage.hashes import sha256_of_files

FRAMED = "with --aligned the face must fill the frame; leave the flag out for a whole photograph"
"""A likely reason why a portrait lacks what an edit is about."""


def models_of(paths: Mapping[str, Path]) -> tuple[Model, ...]:
    """A recipe's entries for the models at some paths, by role, and of the package's networks beside the editor."""
    paths = {**paths, **{kind: model_path(kind) for kind in BESIDE_EDITOR}}
    return tuple(Model(role, path.resolve().name, sha256_of_files(model_sha256(path))) for role, path in paths.items())


def make(
    editor: PortraitEditor,
    models: Sequence[Model],
    photographs: Sequence[Photograph],
    operations: Sequence[Operation],
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
      operations: see ``recipes.follow``.
      format: "PNG" or "JPEG"; "GIF" for an animation.
      marked: whether the picture gets its marks and recipe.
      signer: whose Content Credentials it gets besides; None for none.
      notices: gets what a user should know of the edit; None for a recipe that is made again, of which nothing is
        refused.
      tell: is given the faces that were read; see ``recipes.Inputs``.

    Raises:
      UserError: the edit cannot be made, or changes nothing; a recipe that is made again may.
    """
    # All but a rendered photograph are portraits of which no pixel is a photograph's.
    generated, target = bool(operations) and not isinstance(operations[-1], Render), photographs[0]
    if format == "JPEG" and not generated and target.picture.is_transparent:
        raise UserError(f"{target.input.file} is transparent, which a JPEG cannot be; allowed for the output: .png")
    followed = follow(operations, Inputs(editor, dict(enumerate(photographs)), tell), strict=notices is not None)
    picture = followed.picture
    if notices is not None:
        notices += followed.notices
        if np.array_equal(picture, target.picture.pixels):
            raise UserError(f"nothing changed: {_likely_reason(operations, notices)}")
    if format == "JPEG" and picture.shape[-1] in (2, 4):
        picture = np.ascontiguousarray(picture[..., :-1])  # nothing of it is transparent
    kept = Kept() if generated else kept_from(target.data, str(target.path))
    kept = dataclasses.replace(kept, profile=None if generated else target.picture.profile)
    if not marked:
        return encoding.Marked(encoding.encode_pixels(picture, format, kept.profile))
    _, done = located(followed.done, photographs)
    inputs = tuple(photo.input for photo in photographs)
    recipe = Recipe(tuple(models), inputs, tuple(map(to_json, done)), seed=0)
    kind = marks.GENERATED if generated else marks.EDITED
    made = encoding.encode(picture, kind, recipe, format, kept)
    if signer:
        parent = None if generated else Parent(photographs[0].input.file, photographs[0].data)
        made = dataclasses.replace(made, data=sign(made.data, "the edited picture", signer, kind, parent))
    return made


def _likely_reason(operations: Sequence[Operation], notices: Sequence[str]) -> str:
    """Why a picture is as it was."""
    if notices:
        first = operations[0]
        return "; ".join([*notices, *([FRAMED] if isinstance(first, Open) and first.target.aligned else [])])
    if any(isinstance(each, SetMask) for each in operations):
        return "the mask is the photograph's own"
    if any(isinstance(each, Take) and not each.strength for each in operations):
        return "the strength is 0"
    if any(isinstance(each, Shape) and not any(each.amounts.values()) for each in operations):
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
            remedy = "install the version that wrote it" if flag in BESIDE_EDITOR else f"name it by --{flag}"
            raise UserError(
                f"the recipe's {model.role} is {model.name} (SHA-256 {model.sha256[:12]}...), not the one "
                f"here; {remedy}"
            )
