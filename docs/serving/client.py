"""Asks a server for the mask of a portrait: python client.py portrait.jpg mask.png [http://127.0.0.1:8501]

Needs nothing but Python. What goes wrong is told in one line, with exit code 2.
"""

import base64
import contextlib
import http.client
import json
import sys
import urllib.error
import urllib.request

USAGE = "python client.py portrait.jpg mask.png [http://127.0.0.1:8501]"


def main(arguments):
    """Reads the portrait, asks, and writes the mask; returns the exit code."""
    if len(arguments) not in (2, 3):
        return failed(f"{len(arguments)} arguments given; allowed: {USAGE}")
    portrait, mask, server = [*arguments, "http://127.0.0.1:8501"][:3]
    if not server.startswith(("http://", "https://")):
        return failed(f"{server}: no address of a server; allowed: {USAGE}")
    try:
        with open(portrait, "rb") as file:
            picture = file.read()
    except OSError as error:
        return failed(f"{portrait}: cannot be read: {error.strerror}")
    try:
        found = ask(server, picture)
    except urllib.error.HTTPError as error:
        return failed(f"{server} refuses {portrait}: {error.code} {reason(error)}")
    except OSError as error:
        return failed(f"{server}: no answer: {getattr(error, 'reason', error)}; is the server running?")
    except (http.client.HTTPException, ValueError, LookupError, TypeError) as error:
        return failed(f"{server}: its answer is no mask ({type(error).__name__}: {error}); is it TensorFlow Serving?")
    try:
        with open(mask, "wb") as file:
            file.write(found)
    except OSError as error:
        return failed(f"{mask}: cannot be written: {error.strerror}")
    return 0


def ask(server, picture):
    """The PNG file that the server makes of a picture's file."""
    request = {
        "signature_name": "parse_encoded",
        "instances": [{"images": {"b64": base64.b64encode(picture).decode()}}],
    }
    url = f"{server.rstrip('/')}/v1/models/parser:predict"
    with urllib.request.urlopen(url, json.dumps(request).encode(), timeout=60) as answer:
        [prediction] = json.load(answer)["predictions"]
    encoded = prediction["b64"] if "b64" in prediction else prediction["label_png_bytes"]["b64"]
    found = base64.b64decode(encoded, validate=True)
    if not found.startswith(b"\x89PNG"):
        raise ValueError("not a PNG file")
    return found


def reason(error):
    """What the server says of its refusal."""
    text = error.read().decode(errors="replace")
    with contextlib.suppress(ValueError, LookupError, TypeError):
        text = json.loads(text)["error"]
    return text or error.reason


def failed(message):
    """Tells what is wrong, on one line; the exit code."""
    print("error:", " ".join(message.split())[:500], file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
