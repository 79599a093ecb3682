"""Verification of the marks of a picture: whether they are there and agree with its pixels and with the inputs."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from pathlib import Path

from mgpe_tf.errors import UserError
from mgpe_tf.provenance import recipe, signing
from mgpe_tf.provenance.encoding import decode_pixels
from mgpe_tf.provenance.fields import safe_name
from mgpe_tf.provenance.hashes import sha256_of_pixels
from mgpe_tf.provenance.marks import EDITED, GENERATED, Marks, read_file, read_marks, recipe_path
from mgpe_tf.provenance.recipe import Input, Recipe
from mgpe_tf.storage.hashes import sha256_of_file

CAVEAT = (
    "These marks are not signed: they are easily removed, and easily forged. That they are missing does not "
    "prove that a picture is genuine; that they are there does not prove who made it."
)
"""Printed below the report on a picture without a valid signature."""

SIGNED = (
    "The marks are covered by the C2PA signature: they are as true as the signer is honest. Removing them "
    "together with the signature is easy."
)
"""Printed below the report on a picture with a valid one."""

_MEANING = {EDITED: "a photograph edited with a trained model", GENERATED: "made wholly by a trained model"}
_PIXELS = {
    True: "exactly those that the recipe names",
    None: "nothing to compare them with",
    False: "not those that the recipe names: the picture was changed after it was marked",
}
_GIVEN = {True: "given, and the same file", False: "given, but another file", None: "not given, not checked"}
_C2PA = {
    True: "Content Credentials are there",
    False: "no Content Credentials",
    None: "unknown whether Content Credentials are there (not a PNG or JPEG, or damaged)",
}
_SIGNATURE = {
    None: "not checked: pip install 'mgpe_tf[c2pa]'",
    "Invalid": "INVALID: the file was changed after it was signed, or the signature is broken",
    "Valid": "valid: the file is as it was signed; who the signer is was not checked",
    "Trusted": "valid, by a signer that is trusted here",
}


@dataclasses.dataclass(frozen=True)
class Verification:
    """The findings.

    Attributes:
      name: of the file.
      marks: those in the file.
      recipe: from the file or from beside it.
      recipe_note: where it was, or why there is none.
      pixels: whether they are those that the recipe names; None without a recipe.
      inputs: every input of the recipe, and whether a file that was given is the same; None: not given.
      others: names of files that were given and are no input.
      signature: validation state of C2PA, "Valid", "Trusted" or "Invalid"; None: none, or not checked.
    """

    name: str
    marks: Marks
    recipe: Recipe | None
    recipe_note: str
    pixels: bool | None
    inputs: tuple[tuple[Input, bool | None], ...] = ()
    others: tuple[str, ...] = ()
    signature: str | None = None

    @property
    def ok(self) -> bool:
        """Whether the marks are there and nothing that was checked disagrees with them."""
        agreed = all(same is not False for _, same in self.inputs) and not self.others
        return bool(self.marks.digital_source_type and self.pixels and agreed and self.signature != "Invalid")

    def text(self) -> str:
        """The report for people, some lines, without characters that could move a terminal."""
        source_type = self.marks.digital_source_type
        lines = [f"file: {self.name}", f"digital source type: {source_type or 'none'}"]
        lines += [f"  that is: {_MEANING[source_type]}"] if source_type in _MEANING else []
        lines += [f"made with: {self.marks.tool or 'unknown'}", f"recipe: {self.recipe_note}"]
        lines += _recipe_lines(self.recipe) if self.recipe else []
        lines += [f"pixels: {_PIXELS[self.pixels]}"]
        lines += [f"input {item.role}, {item.file}: {_GIVEN[same]}" for item, same in self.inputs]
        lines += [f"{other}: no input of the recipe" for other in self.others]
        lines += [f"C2PA: {_C2PA[self.marks.has_c2pa]}"]
        lines += [f"  signature: {_SIGNATURE.get(self.signature, self.signature)}"] if self.marks.has_c2pa else []
        lines += [f"result: {self._result()}"]
        return "\n".join([*map(_printable, lines), SIGNED if self.signature in ("Valid", "Trusted") else CAVEAT])

    def _result(self) -> str:
        """The outcome in a few words."""
        if self.ok:
            return "the marks agree with all that was checked"
        if not self.marks.digital_source_type and not self.recipe:
            return "no marks"
        return "the marks DO NOT agree with the file" if self.recipe else "marks without a recipe: nothing to check"


def verify(path: str | Path, inputs: Sequence[str | Path] = ()) -> Verification:
    """Reads the marks of a picture and checks them against its pixels and the given input files.

    A recipe that is too large for the file is looked for at ``marks.recipe_path``. Raises UserError for files that
    cannot be read and for marks that are broken.
    """
    data = read_file(path)
    marks = read_marks(data, str(path))
    pixels = sha256_of_pixels(decode_pixels(data, str(path)))
    document, note = (marks.recipe, "inside the file") if marks.recipe else _recipe_beside(path, marks)
    given = {str(file): sha256_of_file(file) for file in inputs}
    wanted = document.inputs if document else ()
    return Verification(
        name=str(path),
        marks=marks,
        recipe=document,
        recipe_note=note,
        pixels=document.output.sha256 == pixels if document and document.output else None,
        inputs=tuple((item, _same(item, given)) for item in wanted),
        others=tuple(
            file
            for file, digest in given.items()
            if not any(digest == item.sha256 or _named(file, item) for item in wanted)
        ),
        signature=signing.signature_state(data) if marks.has_c2pa else None,
    )


def _recipe_beside(path: str | Path, marks: Marks) -> tuple[Recipe | None, str]:
    """The recipe in the file beside a picture, if it is the one that the picture names, and a note on it."""
    if not marks.recipe_sha256:
        return None, "none in the file"
    file = recipe_path(path)
    if not file.exists():
        return None, f"should be in {file.name} beside the picture, which is not there"
    if file.stat().st_size > recipe.MAX_JSON + recipe.MAX_MASKS:
        raise UserError(f"{file}: {file.stat().st_size} bytes; allowed: {recipe.MAX_JSON + recipe.MAX_MASKS}")
    document = read_file(file)
    if hashlib.sha256(document).hexdigest() != marks.recipe_sha256:
        return None, f"{file.name} is not the one that the picture names"
    return recipe.from_json(document, str(file)), f"in {file.name} beside the picture"


def _same(item: Input, given: dict[str, str]) -> bool | None:
    """Whether a given file is this input, whatever its name; False if one of its name is another file."""
    if item.sha256 in given.values():
        return True
    return False if any(_named(file, item) for file in given) else None


def _named(file: str, item: Input) -> bool:
    """Whether a given file has the name of an input."""
    return safe_name(Path(file).name) == item.file


def _recipe_lines(document: Recipe) -> list[str]:
    """The recipe in short."""
    operations = ", ".join(operation["op"] for operation in document.operations[:20]) or "none"
    models = [f"  {model.role} {model.name} {model.sha256[:12]}" for model in document.models]
    return [
        f"  written by mgpe_tf {document.mgpe_tf} at {document.created}, seed {document.seed}",
        *models,
        f"  operations ({len(document.operations)}): {operations}",
    ]


def _printable(line: str) -> str:
    """The line, shortened, with "?" for unprintable characters."""
    return "".join(char if char.isprintable() else "?" for char in line[:500])
