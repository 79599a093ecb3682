"""Baselines from a training of two steps to the scores and the SavedModel."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from processes import metrics
from small import SIZE
from stored_editor import store_editor
from stored_parser import random_parser
from tiny import tiny_config

from mgpe_tf.data.synthetic import SyntheticSource
from mgpe_tf.errors import UserError
from mgpe_tf.evaluation.measure.editor_evaluation import evaluate_editor
from mgpe_tf.evaluation.measure.editor_scores import editor_scores
from mgpe_tf.evaluation.measure.portraits import GeneratedPortraits
from mgpe_tf.export.baseline_folder import export_baseline
from mgpe_tf.models.editor_networks import EditorNetworks
from mgpe_tf.models.face_parser import FaceParser
from mgpe_tf.models.runs import load_product
from mgpe_tf.ops.enlarge import enlarge_labels
from mgpe_tf.training.on_tensorflow import train

SOURCE = SyntheticSource(5, SIZE)


@pytest.fixture(scope="module", params=["pix2pixhd", "bicyclegan"])
def run(request, tmp_path_factory):
    """The run folder of a training."""
    path = tmp_path_factory.mktemp("runs") / request.param
    config = tiny_config(request.param, steps=2, learning_rate=0.01)
    assert train(config, path) == 0
    return path


def portraits(run):
    return GeneratedPortraits(EditorNetworks.load(run, baselines=True), SOURCE, batch_size=2)


def test_the_run_has_the_terms_of_every_step(run):
    *lines, last = metrics(run)
    terms = {name for line in lines for name in line}
    expected = {
        "pix2pixhd": {"L_GAN", "L_FM", "L_D1"},
        "bicyclegan": {"L_1_VAE", "L_1_latent", "L_KL", "L_GAN_VAE", "L_GAN_LR", "L_D_VAE", "L_D_LR"},
    }[run.name]
    assert expected | {"L_G", "validation/psnr_foreground"} <= terms | set(last)
    assert last["weights_sha256"] and (run / "samples" / "last.png").is_file()


def test_portraits_are_drawn_of_masks_with_the_averaged_weights(run):
    config, network = load_product(run, run.name)
    generated = next(portraits(run).generate([4, 0]))
    references = portraits(run).references[[4, 0]]
    sources = np.stack([SOURCE.load(number)[0] for number in references]) / np.float32(127.5) - 1
    own = generated.photographs / np.float32(127.5) - 1
    masks = enlarge_labels(generated.masks.astype(np.int32), config.loss.label_enlargement)
    for found, appearance in ((generated.reconstructions, own), (generated.swaps, sources)):
        expected = (network.render(network.embed(appearance), masks) + 1) * 127.5
        assert np.abs(found - expected.numpy()).max() <= 0.51 and np.ptp(found) > 0
    same = np.array_equal(generated.reconstructions, generated.swaps)
    assert same == (run.name == "pix2pixhd")


def test_a_baseline_is_scored_as_an_editor_is(run):
    parser = FaceParser.of(random_parser(), SIZE)
    evaluation = evaluate_editor(portraits(run), parser, {})
    assert editor_scores(evaluation).keys() >= {"psnr_face", "f1_macro_foreground_swaps"}
    assert np.nanmean(evaluation.values["psnr_background_swap"]) < 40  # it is drawn, not pasted


def test_the_savedmodel_draws_as_the_network(run, tmp_path):
    files = export_baseline(run, tmp_path / "out", findings="## Scores\n\nGood.")
    assert list(files) == ["1"] and files["1"][2] > 80  # dB: rounding
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["1", "MODEL_CARD.md", "SHA256SUMS"]
    card = (tmp_path / "out" / "MODEL_CARD.md").read_text()
    assert "Step 2 of the experiment `tiny`" in card and "Good." in card and "$" not in card
    signatures = tf.saved_model.load(tmp_path / "out" / "1").signatures
    names = {"pix2pixhd": ["generate"], "bicyclegan": ["embed", "generate"]}[run.name]
    assert sorted(set(signatures) - {"serving_default"}) == names
    assert all(f"`{name}`" in card for name in names)
    kept, trained = (EditorNetworks.load(path, baselines=True) for path in (tmp_path / "out", run))
    images, masks = (np.stack(arrays) for arrays in zip(*map(SOURCE.load, range(3))))
    for one, other in ((kept, trained), (trained, kept)):
        generated = [n.render_batch(one.embed_batch(images, masks), images, masks).astype(int) for n in (one, other)]
        assert kept.resolution == SIZE and np.abs(generated[0] - generated[1]).max() <= 1
    with pytest.raises(UserError, match="no SavedModel of an editor"):
        EditorNetworks.load(tmp_path / "out")


def test_a_baseline_is_no_editor_and_an_editor_none(run, tmp_path):
    with pytest.raises(UserError, match=f"is a run of the {run.name}; a run of the editor is needed here"):
        EditorNetworks.load(run)
    with pytest.raises(UserError, match="is a run of the editor; a run of the pix2pixhd or bicyclegan is needed here"):
        export_baseline(store_editor(tmp_path / "editor"), tmp_path / "out")
