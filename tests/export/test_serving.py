"""What TensorFlow Serving reads and is sent, with the messages of its own package."""

from __future__ import annotations

import base64
import importlib.util
from pathlib import Path

import cv2
import numpy as np
import pytest
import rest_server
import tensorflow as tf
from small import SIZE
from stored_parser import random_parser

from mgpe_tf.data.images import decode_image, encode_png, read_image, read_label
from mgpe_tf.data.synthetic import SyntheticSource
from mgpe_tf.export.parser_saved_model import write_saved_model
from mgpe_tf.export.warmup import BLANK, FILE, constant, encoded, write_warmup
from mgpe_tf.labels import BACKGROUND, HAIR, SKIN, to_helen
from mgpe_tf.webapp import EXAMPLES

ROOT = Path(__file__).resolve().parents[2]
BOXES = {"collins": (143, 23, 165), "hopper": (95, 25, 341)}
"""Left, top and side of the faces in bundled photographs."""

IMAGES = np.stack([SyntheticSource(2, SIZE).load(i)[0] for i in range(2)]).astype(np.float32) / 127.5 - 1


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("serving") / "1"
    write_saved_model(random_parser(), SIZE, folder)
    write_warmup(
        folder,
        "parser",
        {"parse": {"images": constant(0.5, tf.float32, 1, SIZE, SIZE, 3)}, "parse_encoded": {"images": encoded(BLANK)}},
    )
    return folder


def load_client():
    """docs/serving/client.py, which is no part of a package."""
    spec = importlib.util.spec_from_file_location("client", ROOT / "docs/serving/client.py")
    client = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(client)
    return client


client = load_client()


def serve(model, request) -> dict:
    """What a server answers to a PredictRequest: it looks the tensors up by the signature, and runs the session."""
    with tf.compat.v1.Session(graph=tf.Graph()) as session:
        meta = tf.compat.v1.saved_model.load(session, ["serve"], str(model))
        signature = meta.signature_def[request.model_spec.signature_name]
        feeds = {signature.inputs[name].name: tf.make_ndarray(tensor) for name, tensor in request.inputs.items()}
        return session.run({name: tensor.name for name, tensor in signature.outputs.items()}, feeds)


def test_a_predict_request(model):
    predict = pytest.importorskip("tensorflow_serving.apis.predict_pb2")
    request = predict.PredictRequest()
    request.model_spec.name, request.model_spec.signature_name = "parser", "parse"
    request.inputs["images"].CopyFrom(tf.make_tensor_proto(IMAGES))
    answer = serve(model, predict.PredictRequest.FromString(request.SerializeToString()))
    expected = tf.nn.softmax(random_parser()(IMAGES))
    np.testing.assert_allclose(answer["probabilities"], expected, atol=1e-5)


def test_warm_up_requests_are_those_of_the_server(model):
    logs = pytest.importorskip("tensorflow_serving.apis.prediction_log_pb2")
    found = [logs.PredictionLog.FromString(record.numpy()) for record in tf.data.TFRecordDataset(str(model / FILE))]
    assert [log.predict_log.request.model_spec.signature_name for log in found] == ["parse", "parse_encoded"]
    assert {log.WhichOneof("log_type") for log in found} == {"predict_log"}
    full = tf.make_ndarray(found[0].predict_log.request.inputs["images"])
    assert full.shape == (1, SIZE, SIZE, 3) and (full == 0.5).all()
    assert (model / FILE).stat().st_size < 1000
    for log in found:
        assert serve(model, log.predict_log.request)


def test_batches_are_as_the_server_wants_them():
    sizes = rest_server.batch_sizes()
    assert sizes == sorted(set(sizes)) and sizes[0] == 1 and sizes[-1] == rest_server.most()


@pytest.fixture(scope="module")
def bundled():
    """The models of models.config."""
    models = {name: rest_server.Model(folder / "1") for name, folder in rest_server.configured_models().items()}
    yield models
    for model in models.values():
        model.session.close()


@pytest.fixture(scope="module")
def portraits(tmp_path_factory):
    """Files of the bundled photographs, cut about as portraits are framed: their paths, and their pixels at R."""
    folder = tmp_path_factory.mktemp("portraits")
    found = {}
    for name, (left, top, side) in BOXES.items():
        photo = read_image(EXAMPLES / f"{name}.jpg")[top : top + side, left : left + side]
        found[folder / f"{name}.png"] = cv2.resize(photo, (256, 256), interpolation=cv2.INTER_AREA)
    for path, pixels in found.items():
        path.write_bytes(encode_png(pixels))
    return {path: pixels.astype(int) for path, pixels in found.items()}


def test_bundled_models_have_the_warm_up_requests_of_the_client(bundled):
    logs = pytest.importorskip("tensorflow_serving.apis.prediction_log_pb2")
    for name, folder in rest_server.configured_models().items():
        records = [logs.PredictionLog.FromString(r.numpy()) for r in tf.data.TFRecordDataset(str(folder / "1" / FILE))]
        requests = {log.predict_log.request.model_spec.signature_name: log.predict_log.request for log in records}
        (asked,) = (signature for _, model, signature, *_ in client.VERBS.values() if model == name)
        assert asked in requests
        inputs = {key: tf.make_ndarray(tensor) for key, tensor in requests[asked].inputs.items()}
        assert bundled[name].predict(asked, inputs)


def test_the_client_gets_a_mask_and_an_edited_portrait(bundled, portraits, tmp_path):
    (mine, target), (hers, _) = portraits.items()
    with rest_server.serving(bundled) as address:
        assert client.main(["parse", str(mine), str(tmp_path / "mask.png"), address]) == 0
        assert client.main(["edit", str(mine), str(hers), str(tmp_path / "out.png"), address]) == 0
        assert client.main(["edit", str(mine), str(mine), str(tmp_path / "same.png"), address]) == 0
    mask = to_helen(read_label(tmp_path / "mask.png"), "celebamask_hq")
    edited, same = (read_image(tmp_path / f"{name}.png").astype(int) for name in ("out", "same"))
    skin, hair, around = mask == SKIN, mask == HAIR, mask == BACKGROUND
    assert mask.shape == (256, 256) and skin.mean() > 0.1 and hair.mean() > 0.1 and around.mean() > 0.1
    assert (edited == target)[around].all(-1).mean() > 0.9  # but for where the hair meets it
    np.testing.assert_array_equal(same, target)
    assert np.median(target[hair] - edited[hair]) > 20  # Grace Hopper's is darker
    assert np.abs(edited - target)[skin].mean() > 5 and abs(np.median(target[skin] - edited[skin])) < 20  # in its tone


def test_edits_in_one_batch_are_those_asked_for_one_by_one(bundled, portraits):
    files = [{"b64": base64.b64encode(path.read_bytes()).decode()} for path in portraits]
    rows = [{"targets": files[a], "sources": files[b]} for a, b in ((0, 1), (1, 0), (0, 0))]  # filled up to 4

    def edits(rows) -> np.ndarray:
        answers = bundled["editor"].answer({"signature_name": "edit_encoded", "instances": rows})
        return np.stack([decode_image(base64.b64decode(answer["b64"]), "edit") for answer in answers]).astype(int)

    together, alone = edits(rows), np.concatenate([edits([row]) for row in rows])
    assert (np.abs(together - alone) > 1).mean() < 0.001
    assert (together[0] != together[1]).any() and (together[0] != together[2]).any()
