"""The recipe of an edit: which model did what to which photographs, as a small JSON document.

It travels inside pictures and is read from untrusted files, so reading is strict: unknown or missing fields, other
types, too much data, deep nesting and file names with folders are UserErrors. What the operations mean is for the
editing code to check.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import datetime
import hashlib
import json
import re
from typing import Any, NoReturn

import numpy as np

from mgpe_tf.data import images
from mgpe_tf.errors import UserError
from mgpe_tf.provenance import fields
from mgpe_tf.provenance.fields import Whole, checked, record, several
from mgpe_tf.version import __version__

VERSION = 1
"""Version of the format. A reader refuses any other."""

MAX_JSON = 2**20
"""Largest size of a recipe in bytes, masks not counted."""

MAX_MASK = 4 * 2**20
"""Largest size of a mask in bytes of base64."""

MAX_MASKS = 16 * 2**20
"""Largest size of all masks together in bytes of base64."""

MAX_MASK_PIXELS = 2**22
"""Largest number of pixels of a mask: a recipe can hold hundreds that are small as PNG."""

_MASK = "mask_png"
_MASK_IN_JSON = re.compile(rf'"{_MASK}":\s*"([A-Za-z0-9+/=]*)"')
_SIDE = Whole(1, 2**16)


@dataclasses.dataclass(frozen=True)
class Model:
    """A network that took part.

    Attributes:
      role: e.g. "editor" or "parser".
      name: for people, e.g. the name of its folder.
      sha256: of its file, or of its files by ``storage.hashes.sha256_of_files``.
    """

    role: str = checked(fields.NAME)
    name: str = checked(fields.file_name)
    sha256: str = checked(fields.SHA256)


@dataclasses.dataclass(frozen=True)
class Input:
    """A file that went in.

    Attributes:
      role: e.g. "target" (the photograph that is edited) or "source" (whose appearance is taken).
      file: its name without folders.
      sha256: of the file.
      width: in pixels, upright.
      height: likewise.
    """

    role: str = checked(fields.NAME)
    file: str = checked(fields.file_name)
    sha256: str = checked(fields.SHA256)
    width: int = checked(_SIDE)
    height: int = checked(_SIDE)

    @classmethod
    def of(cls, role: str, name: str, data: bytes, image: np.ndarray) -> Input:
        """From the file's name (without folders), its bytes and the picture [H, W, 3] that was decoded from them."""
        height, width = image.shape[:2]
        return cls(role, fields.safe_name(name), hashlib.sha256(data).hexdigest(), width, height)


@dataclasses.dataclass(frozen=True)
class Output:
    """The picture that came out.

    Attributes:
      sha256: ``hashes.sha256_of_pixels`` of what the file decodes to (``encoding.decode_pixels``); of a JPEG or GIF not
        what went in.
      width: in pixels.
      height: likewise.
      format: "PNG", "JPEG" or "GIF".
    """

    sha256: str = checked(fields.SHA256)
    width: int = checked(_SIDE)
    height: int = checked(_SIDE)
    format: str = checked(fields.text("PNG|JPEG|GIF", "PNG, JPEG, GIF"))


def _operation(value: Any, where: str) -> dict:
    """Takes {"op": name, ...arguments}, the arguments of plain JSON and masks."""
    if not isinstance(value, dict) or "op" not in value:
        fields.refuse(value, where, 'an object with "op"')
    for name in value:
        fields.NAME(name, where)
    fields.NAME(value["op"], f"{where}.op")
    return fields.json_value(value, where)


def utc_now() -> str:
    """The present time as a recipe holds it."""
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclasses.dataclass(frozen=True)
class Recipe:
    """A recipe: how the output is made from the inputs.

    Attributes:
      models: the networks that took part.
      inputs: the files that went in.
      operations: in order, each {"op": name, ...arguments} of JSON values; masks as ``mask_to_json`` gives them.
      seed: of all randomness.
      output: the picture; None until it is encoded (``marks.encode`` fills it in).
      created: time in UTC.
      mgpe_tf: version of this package.
      version: of the format.
    """

    models: tuple[Model, ...] = checked(several(record(Model), 16))
    inputs: tuple[Input, ...] = checked(several(record(Input), 64))
    operations: tuple[dict, ...] = checked(several(_operation, 1000))
    seed: int = checked(Whole(0, 2**63 - 1))
    output: Output | None = checked(record(Output), default=None)
    created: str = checked(fields.utc_time, default_factory=utc_now)
    mgpe_tf: str = checked(fields.LABEL, default=__version__)
    version: int = checked(Whole(VERSION, VERSION), default=VERSION)

    def to_json(self) -> str:
        """The document in one line of ASCII. Raises UserError for what ``from_json`` would refuse."""
        try:
            document = json.dumps(dataclasses.asdict(self), allow_nan=False, separators=(",", ":"))
        except (TypeError, ValueError) as error:
            raise UserError(f"recipe: not JSON: {error}") from error
        from_json(document, "recipe")
        return document


def from_json(document: str | bytes, name: str) -> Recipe:
    """The recipe in a JSON document (UTF-8); `name` stands for its file in errors. Raises UserError."""
    try:
        document = document.decode("utf-8") if isinstance(document, bytes) else document
        _check_size(document, name)
        value = json.loads(document, object_pairs_hook=_without_duplicates, parse_constant=_no_constant)
    except RecursionError:
        raise UserError(f"{name}: recipe: nested too deeply") from None
    except ValueError as error:
        raise UserError(f"{name}: recipe: not a JSON document: {error}") from error
    if isinstance(value, dict) and value.get("version", VERSION) != VERSION:
        fields.refuse(value["version"], f"{name}: recipe.version", f"{VERSION}; another mgpe_tf wrote it")
    return fields.build(Recipe, value, f"{name}: recipe")


def _check_size(document: str, name: str) -> None:
    """Raises UserError for too much data, before any of it is parsed."""
    masks = [len(match[1]) for match in _MASK_IN_JSON.finditer(document)]
    if max(masks, default=0) > MAX_MASK or sum(masks) > MAX_MASKS:
        raise UserError(f"{name}: recipe: masks of {sum(masks)} bytes; allowed: {MAX_MASK} each, {MAX_MASKS} in all")
    if len(document) - sum(masks) > MAX_JSON:
        raise UserError(f"{name}: recipe: {len(document) - sum(masks)} bytes beside masks; allowed: {MAX_JSON}")


def _without_duplicates(pairs: list[tuple]) -> dict:
    """A JSON object, of which no key may be given twice: readers disagree about which one counts."""
    value = dict(pairs)
    if len(value) < len(pairs):
        raise ValueError("a key is given twice")
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


def mask_to_json(label: np.ndarray) -> dict[str, str]:
    """An argument of an operation that holds a mask: uint8 ids [H, W] as the base64 of a PNG."""
    return {_MASK: base64.b64encode(images.encode_png(label)).decode()}


def mask_from_json(value: Any, where: str) -> np.ndarray:
    """The ids uint8 [H, W] that ``mask_to_json`` stored; `where` names the argument in errors. Raises UserError."""
    if not isinstance(value, dict) or set(value) != {_MASK} or not isinstance(value[_MASK], str):
        fields.refuse(value, where, f'{{"{_MASK}": base64 of a PNG}}')
    try:
        data = base64.b64decode(value[_MASK], validate=True)
    except (binascii.Error, ValueError) as error:
        raise UserError(f"{where}.{_MASK}: not base64: {error}") from error
    return images.decode_label(data, f"{where}.{_MASK}", MAX_MASK_PIXELS)
