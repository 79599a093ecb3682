"""Asks a server for the mask of a portrait: python client.py portrait.jpg mask.png [http://127.0.0.1:8501]

Needs nothing but Python.
"""

import base64
import json
import sys
import urllib.request

portrait, mask, server = [*sys.argv[1:], "http://127.0.0.1:8501"][:3]
with open(portrait, "rb") as file:
    picture = base64.b64encode(file.read()).decode()
request = {"signature_name": "parse_encoded", "instances": [{"images": {"b64": picture}}]}
answer = urllib.request.urlopen(f"{server}/v1/models/parser:predict", json.dumps(request).encode(), timeout=60)
[prediction] = json.load(answer)["predictions"]
encoded = prediction["b64"] if "b64" in prediction else prediction["label_png_bytes"]["b64"]
with open(mask, "wb") as file:
    file.write(base64.b64decode(encoded))
