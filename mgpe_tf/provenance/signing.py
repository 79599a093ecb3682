"""C2PA Content Credentials: signing a picture with one's own certificate, and checking signatures.

Needs the extra ``c2pa`` (the package c2pa-python, whose API this follows at 0.38). A signature covers the whole file,
marks included. Nothing is fetched from the internet, unless a time stamp is asked for.
"""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path
from types import ModuleType
from typing import Any

from PIL import Image

from mgpe_tf.data.formats import open_picture
from mgpe_tf.errors import UserError
from mgpe_tf.provenance import containers
from mgpe_tf.provenance.marks import EDITED, GENERATED, read_file
from mgpe_tf.version import __version__

_SETTINGS = {"verify": {"remote_manifest_fetch": False}, "builder": {"thumbnail": {"enabled": False}}}
_EC_ALGORITHMS = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}


@dataclasses.dataclass(frozen=True)
class Signer:
    """A signer.

    Attributes:
      certificates: PEM file with the chain, the signer's own certificate first. It must be fit for C2PA; a self-signed
        one is refused.
      private_key: PEM file with the private key, without a password.
      timestamp_url: of an RFC 3161 time stamp authority, which is asked over the internet; None for no time stamp.
    """

    certificates: str | Path
    private_key: str | Path
    timestamp_url: str | None = None


@dataclasses.dataclass(frozen=True)
class Parent:
    """The photograph that was edited. Its own Content Credentials, if it has any, become part of the history.

    Attributes:
      name: file name.
      data: bytes of the file; PNG, JPEG, WebP, TIFF or GIF.
    """

    name: str
    data: bytes


def sign(data: bytes, name: str, signer: Signer, source_type: str, parent: Parent | None = None) -> bytes:
    """A PNG or JPEG file with a signed C2PA manifest; pixels and marks stay as they are.

    Args:
      data: bytes of the file, with its marks: whatever is added later breaks the signature.
      name: its name, the manifest's title.
      signer: who signs.
      source_type: ``marks.EDITED``, recorded as an edit of `parent`; or ``marks.GENERATED``, as a creation.
      parent: the photograph that was edited; None exactly for ``marks.GENERATED``.

    Raises:
      UserError: the package is missing, or certificate, key, parent or file are unfit.
    """
    format = containers.format_of(data)
    if format not in ("PNG", "JPEG"):
        raise UserError(f"{name}: only PNG and JPEG files are signed")
    if (parent is None) != (source_type == GENERATED):
        raise UserError(f"{name}: the edited photograph must be given for {EDITED}, and none for {GENERATED}")
    c2pa, signed = _c2pa(), io.BytesIO()
    mime = f"image/{format.lower()}"
    try:
        manifest = _manifest(name, source_type)
        with c2pa.Context.from_dict(_SETTINGS) as context, c2pa.Builder(manifest, context) as builder:
            if parent is None:
                builder.set_intent(c2pa.C2paBuilderIntent.CREATE, c2pa.C2paDigitalSourceType.TRAINED_ALGORITHMIC_MEDIA)
            else:
                builder.set_intent(c2pa.C2paBuilderIntent.EDIT)
                ingredient = {"title": parent.name, "relationship": "parentOf"}
                builder.add_ingredient(ingredient, _mime(parent), io.BytesIO(parent.data))
            with c2pa.Signer.from_info(_signer_info(c2pa, signer)) as native:
                builder.sign(native, mime, io.BytesIO(data), signed)
    except c2pa.C2paError as error:
        raise UserError(f"{name}: cannot be signed with {signer.certificates}: {error}") from error
    return signed.getvalue()


def signature_state(data: bytes) -> str | None:
    """Whether the Content Credentials in the bytes of a file hold; None if the extra is not installed.

    "Invalid": the file was changed, or the manifest is broken or missing. "Valid": signature and file agree, the
    signer is unknown. "Trusted": and the signer's certificate is among those that c2pa-python trusts.
    """
    try:
        c2pa = _c2pa()
    except UserError:
        return None
    try:
        with c2pa.Context.from_dict(_SETTINGS) as context, c2pa.Reader(None, io.BytesIO(data), None, context) as reader:
            return reader.get_validation_state() or "Invalid"
    except c2pa.C2paError:
        return "Invalid"


def _c2pa() -> ModuleType:
    """The package c2pa-python."""
    try:
        import c2pa
    except ImportError as error:
        raise UserError("signing needs c2pa-python: pip install 'mgpe_tf[c2pa]'") from error
    return c2pa


def _manifest(name: str, source_type: str) -> dict:
    """The manifest's definition. The intent adds the first action: "opened" for an edit, "created" for a new face."""
    agent = {"name": "mgpe_tf", "version": __version__}
    edited = {"action": "c2pa.edited", "digitalSourceType": source_type, "softwareAgent": agent}
    actions = {"label": "c2pa.actions.v2", "data": {"actions": [edited]}}
    return {"title": name, "claim_generator_info": [agent], "assertions": [actions] if source_type == EDITED else []}


def _mime(parent: Parent) -> str:
    """MIME type of the parent."""
    try:
        with open_picture(io.BytesIO(parent.data), parent.name) as picture:
            return Image.MIME[str(picture.format)]
    except Exception as error:  # decoders raise many types on broken files
        raise UserError(f"{parent.name}: not an image or broken ({error})") from error


def _signer_info(c2pa: ModuleType, signer: Signer) -> Any:
    """Certificates, key and the algorithm that goes with them, as c2pa-python takes them."""
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization

    chain, key = read_file(signer.certificates), read_file(signer.private_key)
    try:
        public = x509.load_pem_x509_certificate(chain).public_key()
    except ValueError as error:
        raise UserError(f"{signer.certificates}: no certificate in PEM form: {error}") from error
    try:
        private = serialization.load_pem_private_key(key, password=None)
    except (TypeError, ValueError) as error:
        raise UserError(f"{signer.private_key}: no private key in PEM form without a password: {error}") from error
    if private.public_key() != public:
        raise UserError(f"{signer.private_key}: not the key of the first certificate in {signer.certificates}")
    pkcs8 = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return c2pa.C2paSignerInfo(_algorithm(public, signer.certificates), chain, pkcs8, signer.timestamp_url)


def _algorithm(public: object, certificates: str | Path) -> str:
    """C2PA's name of the signature algorithm for a public key."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if isinstance(public, ed25519.Ed25519PublicKey):
        return "ed25519"
    if isinstance(public, rsa.RSAPublicKey):
        return "ps256"
    if isinstance(public, ec.EllipticCurvePublicKey) and public.curve.name in _EC_ALGORITHMS:
        return _EC_ALGORITHMS[public.curve.name]
    raise UserError(f"{certificates}: another kind of key; allowed: Ed25519, RSA, {', '.join(_EC_ALGORITHMS)}")
