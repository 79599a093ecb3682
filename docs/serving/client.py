"""Asks TensorFlow Serving for the mask of a portrait, or for an edited portrait.

  python client.py parse PORTRAIT MASK.png [SERVER]
  python client.py edit A B OUT.png [SERVER]

parse writes the mask of a portrait, a PNG file of ids. edit writes A with the face and hair of B: the shape and the
background of A, the appearance of B, by the networks alone. SERVER is http://127.0.0.1:8501 if it is not given.

The server finds no faces. A portrait is a square JPEG or PNG file framed as `mgpe edit crop` frames it. It is brought
to the model's size, which the result has.

Needs nothing but Python. What goes wrong is told in one line, with exit code 2.
"""

import base64
import contextlib
import http.client
import json
import struct
import sys
import urllib.error
import urllib.request

VERBS = {
    "parse": ("PORTRAIT MASK.png", "parser", "parse_encoded", ["images"], "label_png_bytes"),
    "edit": ("A B OUT.png", "editor", "edit_encoded", ["targets", "sources"], "png_bytes"),
}
"""By verb: its files, the model, the signature, its inputs in the order of the files, and its output."""

USAGE = " or ".join(f"python client.py {verb} {files} [SERVER]" for verb, (files, *_) in VERBS.items())


class Failure(Exception):
    """What goes wrong, for the user."""


def main(arguments):
    """Reads the portraits, asks, and writes the answer; returns the exit code."""
    try:
        verb, *rest = arguments or ["no verb"]
        if verb not in VERBS:
            raise Failure(f"{verb}: unknown; allowed: {USAGE}")
        _, model, signature, inputs, output = VERBS[verb]
        if len(rest) not in (len(inputs) + 1, len(inputs) + 2):
            raise Failure(f"{verb}: {len(rest)} arguments given; allowed: {USAGE}")
        *portraits, result, server = [*rest, "http://127.0.0.1:8501"][: len(inputs) + 2]
        if not server.startswith(("http://", "https://")):
            raise Failure(f"{server}: no address of a server; allowed: {USAGE}")
        files = dict(zip(inputs, map(read, portraits)))
        write(result, answer(server.rstrip("/"), model, signature, files, output))
    except Failure as failure:
        print("error:", " ".join(str(failure).split())[:500], file=sys.stderr)
        return 2
    return 0


def read(path):
    """The bytes of a portrait's file."""
    try:
        with open(path, "rb") as file:
            picture = file.read()
    except OSError as error:
        raise Failure(f"{path}: cannot be read: {error.strerror}") from error
    found = size(picture)
    if found is None:
        raise Failure(f"{path}: no picture; allowed: JPEG and PNG files")
    if found[0] != found[1]:
        crop = f"mgpe edit crop --target={path} --output=portrait.png"
        raise Failure(f"{path}: {found[0]} x {found[1]} pixels; allowed: square portraits, as made by {crop}")
    return picture


def size(picture):
    """Width and height of a JPEG or PNG file, by its header; None if it has none."""
    if picture.startswith(b"\x89PNG\r\n\x1a\n") and len(picture) >= 24:
        return struct.unpack(">II", picture[16:24])
    place = 2
    while picture.startswith(b"\xff\xd8") and place + 9 <= len(picture):
        marker, length = struct.unpack(">HH", picture[place : place + 4])
        if 0xFFC0 <= marker <= 0xFFCF and marker not in (0xFFC4, 0xFFC8, 0xFFCC):  # a frame begins
            return struct.unpack(">HH", picture[place + 5 : place + 9])[::-1]
        place += 2 + length
    return None


def answer(server, model, signature, files, output):
    """The PNG file that the server makes of pictures' files, which are given by input."""
    try:
        return ask(server, model, signature, files, output)
    except urllib.error.HTTPError as error:
        raise Failure(f"{server} refuses: {error.code} {reason(error)}") from error
    except OSError as error:
        why = getattr(error, "reason", error)
        raise Failure(f"{server}: no answer: {why}; is the server running?") from error
    except (http.client.HTTPException, ValueError, LookupError, TypeError) as error:
        told = f"{type(error).__name__}: {error}"
        raise Failure(f"{server}: its answer is no picture ({told}); is it TensorFlow Serving?") from error


def ask(server, model, signature, files, output):
    """As ``answer``, with the errors as they come."""
    instance = {name: {"b64": base64.b64encode(file).decode()} for name, file in files.items()}
    request = json.dumps({"signature_name": signature, "instances": [instance]}).encode()
    with urllib.request.urlopen(f"{server}/v1/models/{model}:predict", request, timeout=60) as reply:
        [prediction] = json.load(reply)["predictions"]
    encoded = prediction if "b64" in prediction else prediction[output]  # an only output comes without its name
    picture = base64.b64decode(encoded["b64"], validate=True)
    if not picture.startswith(b"\x89PNG"):
        raise ValueError("not a PNG file")
    return picture


def reason(error):
    """What the server says of its refusal."""
    text = error.read().decode(errors="replace")
    with contextlib.suppress(ValueError, LookupError, TypeError):
        text = json.loads(text)["error"]
    return text or error.reason


def write(path, picture):
    """Writes the answer."""
    try:
        with open(path, "wb") as file:
            file.write(picture)
    except OSError as error:
        raise Failure(f"{path}: cannot be written: {error.strerror}") from error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
