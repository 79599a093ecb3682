"""What TensorFlow Serving reads and is sent, with the messages of its own package."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from google.protobuf import text_format
from small import SIZE
from stored_parser import random_parser

from mgpe_tf.data.synthetic import SyntheticSource
from mgpe_tf.export.parser_saved_model import write_saved_model
from mgpe_tf.export.warmup import BLANK, FILE, constant, encoded, write_warmup

DOCS = Path(__file__).resolve().parents[2] / "docs" / "serving"
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


def test_the_configuration_files_are_the_servers():
    config = pytest.importorskip("tensorflow_serving.config.model_server_config_pb2")
    found = text_format.Parse((DOCS / "models.config").read_text(), config.ModelServerConfig())
    assert {model.name: model.base_path for model in found.model_config_list.config} == {
        "parser": "/models/parser_mobile"
    }
    batching = (DOCS / "batching.config").read_text()
    assert "max_batch_size { value: 16 }" in batching
