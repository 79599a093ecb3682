"""C2PA signatures by a certificate chain that the test makes, checked by c2pa-python itself."""

from __future__ import annotations

import datetime
import io
import json

import numpy as np
import pytest

c2pa = pytest.importorskip("c2pa")

from cryptography import x509  # noqa: E402
from cryptography.hazmat.primitives import hashes, serialization  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa  # noqa: E402

from mgpe_tf.data import images  # noqa: E402
from mgpe_tf.errors import UserError  # noqa: E402
from mgpe_tf.provenance import containers, encoding  # noqa: E402
from mgpe_tf.provenance.c2pa import has_c2pa  # noqa: E402
from mgpe_tf.provenance.marks import EDITED, GENERATED, read_marks  # noqa: E402
from mgpe_tf.provenance.recipe import Recipe  # noqa: E402
from mgpe_tf.provenance.signing import Parent, Signer, sign, signature_state  # noqa: E402
from mgpe_tf.provenance.verification import SIGNED, verify  # noqa: E402

IMAGE = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
PARENT = Parent("face.jpg", images.encode_jpeg(IMAGE[::-1]))
RECIPE = Recipe((), (), ({"op": "take"},), seed=1)
BOTH = pytest.mark.parametrize("format", ["PNG", "JPEG"])


def certificate(subject: str, key, issuer: str, issuer_key, authority: bool) -> x509.Certificate:
    """A certificate as C2PA wants it: of an authority, or for signing by its holder."""

    def name(text):
        return x509.Name(
            [
                x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "Test"),
                x509.NameAttribute(x509.NameOID.COMMON_NAME, text),
            ]
        )

    start = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)
    usage = dict.fromkeys(
        (
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    builder = x509.CertificateBuilder(
        issuer_name=name(issuer),
        subject_name=name(subject),
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=start,
        not_valid_after=start + datetime.timedelta(days=30),
    )
    for extension, critical in [
        (x509.BasicConstraints(ca=authority, path_length=None), True),
        (x509.KeyUsage(digital_signature=not authority, key_cert_sign=authority, crl_sign=authority, **usage), True),
        (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), False),
        (x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.EMAIL_PROTECTION]), False),
    ]:
        builder = builder.add_extension(extension, critical)
    return builder.sign(issuer_key, hashes.SHA256())


def write_key(path, key, password: bytes | None = None, form=serialization.PrivateFormat.PKCS8):
    hidden = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, hidden))
    return path


def make_signer(folder, key=None) -> Signer:
    """Writes chain.pem (own certificate, then the authority's) and key.pem."""
    key, root_key = key or ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    chain = [certificate("Signer", key, "Root", root_key, False), certificate("Root", root_key, "Root", root_key, True)]
    (folder / "chain.pem").write_bytes(b"".join(c.public_bytes(serialization.Encoding.PEM) for c in chain))
    return Signer(folder / "chain.pem", write_key(folder / "key.pem", key))


def manifest_of(data: bytes) -> dict:
    """The active manifest, as c2pa-python reads it."""
    with c2pa.Reader(None, io.BytesIO(data)) as reader:
        store = json.loads(reader.json())
    return store["manifests"][store["active_manifest"]]


def actions_of(data: bytes) -> list[dict]:
    return next(part for part in manifest_of(data)["assertions"] if "actions" in part["label"])["data"]["actions"]


@BOTH
def test_signed_edit(tmp_path, format):
    marked = encoding.encode(IMAGE, EDITED, RECIPE, format)
    signed = sign(marked.data, "out", make_signer(tmp_path), EDITED, PARENT)
    assert has_c2pa(marked.data) is False and has_c2pa(signed) is True
    assert (signature_state(marked.data), signature_state(signed)) == ("Invalid", "Valid")
    manifest, actions = manifest_of(signed), actions_of(signed)
    assert (manifest["title"], manifest["claim_generator_info"][0]["name"]) == ("out", "mgpe_tf")
    assert [(i["title"], i["relationship"]) for i in manifest["ingredients"]] == [("face.jpg", "parentOf")]
    assert [action["action"] for action in actions] == ["c2pa.opened", "c2pa.edited"]
    assert actions[1]["digitalSourceType"] == EDITED
    assert "thumbnail" not in manifest, "a thumbnail would show the unedited face"
    path = tmp_path / "out"
    path.write_bytes(signed)
    found = verify(path)
    assert found.ok and found.signature == "Valid" and found.text().endswith(SIGNED), "marks and pixels are untouched"
    assert found.marks.recipe == marked.recipe


@BOTH
def test_change_after_signing(tmp_path, format):
    """Other marks in front of the same pixels: the recipe's hash still agrees, the signature does not."""
    signed = sign(encoding.encode(IMAGE, EDITED, RECIPE, format).data, "out", make_signer(tmp_path), EDITED, PARENT)
    path = tmp_path / "out"
    path.write_bytes(signed.replace(b"compositeWithTrainedAlgorithmicMedia<", b"compositeWithTrainedAlgorithmicMediA<"))
    if format == "PNG":
        path.write_bytes(containers.insert(signed, [containers.png_chunk(b"teXt", b"note")]))
    assert read_marks(path).recipe is not None
    found = verify(path)
    assert found.pixels is True and found.signature == "Invalid" and not found.ok
    assert "signature: INVALID" in found.text() and "not signed" in found.text()


def test_signed_generation(tmp_path):
    signed = sign(encoding.encode(IMAGE, GENERATED).data, "out.png", make_signer(tmp_path), GENERATED)
    assert signature_state(signed) == "Valid" and "ingredients" not in manifest_of(signed)
    (action,) = actions_of(signed)
    assert (action["action"], action["digitalSourceType"]) == ("c2pa.created", GENERATED)


def test_history_of_a_signed_parent_is_kept(tmp_path):
    signer = make_signer(tmp_path)
    first = sign(encoding.encode(IMAGE, GENERATED, None, "JPEG").data, "first.jpg", signer, GENERATED)
    second = sign(encoding.encode(IMAGE, EDITED).data, "second.png", signer, EDITED, Parent("first.jpg", first))
    assert signature_state(second) == "Valid"
    assert manifest_of(second)["ingredients"][0]["active_manifest"] == manifest_of(first)["label"]


@pytest.mark.parametrize(
    "key",
    [
        ed25519.Ed25519PrivateKey.generate(),
        ec.generate_private_key(ec.SECP384R1()),
        rsa.generate_private_key(65537, 2048),
    ],
    ids=["ed25519", "es384", "ps256"],
)
def test_other_kinds_of_keys(tmp_path, key):
    signed = sign(encoding.encode(IMAGE, GENERATED).data, "out.png", make_signer(tmp_path, key), GENERATED)
    assert signature_state(signed) == "Valid"


def test_unfit_certificates_and_keys(tmp_path):
    data, signer = encoding.encode(IMAGE, GENERATED).data, make_signer(tmp_path)
    other = ec.generate_private_key(ec.SECP256R1())
    junk, missing = tmp_path / "junk.pem", tmp_path / "missing.pem"
    junk.write_text("junk")
    locked = write_key(tmp_path / "locked.pem", other, b"secret")
    stranger = write_key(tmp_path / "stranger.pem", other)
    root = tmp_path / "root.pem"
    root.write_bytes(certificate("S", other, "S", other, True).public_bytes(serialization.Encoding.PEM))
    for certificates, key, words in [
        (missing, signer.private_key, "missing.pem: cannot be read"),
        (junk, signer.private_key, "junk.pem: no certificate in PEM form"),
        (signer.certificates, junk, "junk.pem: no private key in PEM form"),
        (signer.certificates, locked, "locked.pem: no private key in PEM form without a password"),
        (signer.certificates, stranger, "stranger.pem: not the key of the first certificate in .*chain.pem"),
        (root, stranger, "out.png: cannot be signed with .*root.pem: .*self-signed"),
    ]:
        with pytest.raises(UserError, match=words):
            sign(data, "out.png", Signer(certificates, key), GENERATED)


def test_keys_in_the_older_form(tmp_path):
    key = ec.generate_private_key(ec.SECP256R1())
    signer = make_signer(tmp_path, key)
    write_key(signer.private_key, key, form=serialization.PrivateFormat.TraditionalOpenSSL)
    assert signature_state(sign(encoding.encode(IMAGE, GENERATED).data, "x", signer, GENERATED)) == "Valid"


def test_files_and_parents_that_do_not_fit(tmp_path):
    data, signer = encoding.encode(IMAGE, EDITED).data, make_signer(tmp_path)
    for arguments, words in [
        ((b"GIF89a", "a.gif", signer, GENERATED), "a.gif: only PNG and JPEG"),
        ((data, "a.png", signer, EDITED), "a.png: the edited photograph must be given"),
        ((data, "a.png", signer, GENERATED, PARENT), "a.png: .* and none for"),
        ((data, "a.png", signer, EDITED, Parent("p.jpg", b"hello")), "p.jpg: not an image"),
        ((data[:100], "a.png", signer, GENERATED), "a.png: cannot be signed"),
    ]:
        with pytest.raises(UserError, match=words):
            sign(*arguments)
