"""A stand-in for TensorFlow Serving, for where there is none: its REST API on loopback, before the same SavedModels.

It reads ``models.config`` and ``batching.config`` with the server's own messages and rules, loads with TensorFlow's
session as the server does, and fills batches up to the allowed sizes. What it does not do: join requests of several
clients, gRPC, versions.
"""

from __future__ import annotations

import base64
import contextlib
import http.server
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from google.protobuf import text_format

ROOT = Path(__file__).resolve().parents[1]
SERVING = ROOT / "docs" / "serving"


def configured_models() -> dict[str, Path]:
    """The folders of models.config by the names of the models, with /models as docker-compose.yml mounts it."""
    messages = pytest.importorskip("tensorflow_serving.config.model_server_config_pb2")
    found = text_format.Parse((SERVING / "models.config").read_text(), messages.ModelServerConfig())
    mounted = {each.name: Path(each.base_path) for each in found.model_config_list.config}
    return {name: ROOT / "saved_models" / path.relative_to("/models") for name, path in mounted.items()}


def batch_sizes() -> list[int]:
    """The allowed sizes of batching.config."""
    return [int(size) for size in re.findall(r"^allowed_batch_sizes: (\d+)$", _batching(), re.MULTILINE)]


def most() -> int:
    """The max_batch_size of batching.config."""
    return int(re.search(r"^max_batch_size { value: (\d+) }$", _batching(), re.MULTILINE)[1])


def _batching() -> str:
    return (SERVING / "batching.config").read_text()


class Model:
    """A SavedModel in a session of its own, as the server loads it."""

    def __init__(self, folder: Path):
        self.session = tf.compat.v1.Session(graph=tf.Graph())
        with self.session.graph.as_default():
            self.signatures = tf.compat.v1.saved_model.load(self.session, ["serve"], str(folder)).signature_def

    def predict(self, signature: str, inputs: dict) -> dict[str, np.ndarray]:
        """The outputs of a signature."""
        found = self.signatures[signature]
        feeds = {found.inputs[name].name: value for name, value in inputs.items()}
        return self.session.run({name: tensor.name for name, tensor in found.outputs.items()}, feeds)

    def answer(self, request: dict) -> list:
        """The "predictions" of a request in rows."""
        rows = request["instances"]
        filled = rows + rows[:1] * (next(size for size in batch_sizes() if size >= len(rows)) - len(rows))
        inputs = {name: np.array([base64.b64decode(row[name]["b64"]) for row in filled], object) for name in rows[0]}
        outputs = self.predict(request["signature_name"], inputs)
        named = [{name: _as_json(name, values[i]) for name, values in outputs.items()} for i in range(len(rows))]
        return [next(iter(row.values())) for row in named] if len(outputs) == 1 else named


def _as_json(name: str, value):
    return {"b64": base64.b64encode(value).decode()} if name.endswith("_bytes") else value.tolist()


@contextlib.contextmanager
def serving(models: dict[str, Model]) -> Iterator[str]:
    """Serves while the block lasts; gives the address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            request = json.loads(self.rfile.read(int(self.headers["content-length"])))
            name = re.fullmatch("/v1/models/(.*):predict", self.path)[1]
            try:
                status, said = 200, {"predictions": models[name].answer(request)}
            except tf.errors.OpError as error:
                status, said = 400, {"error": error.message}
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(said).encode())

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
