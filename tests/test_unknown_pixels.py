"""Pixels of which nothing is known: in label files, augmented, in losses and scores, and who refuses them."""

from __future__ import annotations

import json

import numpy as np
import pytest
import tensorflow as tf
from keras import ops
from PIL import Image
from small import small_config
from tiny import tiny_config

from mgpe_tf import labels, losses
from mgpe_tf.check_data import examine
from mgpe_tf.config import AugmentationConfig, DataConfig, ParserConfig
from mgpe_tf.data.augment import augment
from mgpe_tf.data.images import read_image, read_label, write_label, write_preview
from mgpe_tf.data.label_sets import describe_folder, has_unknown, stated
from mgpe_tf.data.open import open_layout, open_source
from mgpe_tf.errors import UserError
from mgpe_tf.labels import PARTIAL_HELEN, UNKNOWN, UNLABELLED
from mgpe_tf.objectives.parser import ParserObjective
from mgpe_tf.training.on_tensorflow import train

SIZE = 32
RANDOM = np.random.default_rng(0)
SKIN, NECK = 1, 17


def write_folder(folder, label_set="celebamask_hq", unknown=True, count=2):
    """Portraits of skin above a neck, of which the left quarter is unknown."""
    label = np.full((SIZE, SIZE), SKIN, np.uint8)
    label[SIZE // 2 :] = NECK if label_set == "celebamask_hq" else labels.NOSE
    if unknown:
        label[:, : SIZE // 4] = UNKNOWN
    for part in ("images", "labels"):
        (folder / part).mkdir(parents=True)
    for i in range(count):
        picture = RANDOM.integers(0, 256, (SIZE, SIZE, 3), np.uint8)
        Image.fromarray(picture).save(folder / "images" / f"{i}.png")
        write_label(folder / "labels" / f"{i}.png", label, label_set, unknown)
    describe_folder(folder, label_set, unknown)
    return folder


def data_of(*folders):
    paths = tuple(map(str, folders))
    return DataConfig(layout="folder", path=paths, validation_path=paths, resolution=SIZE)


def test_a_folder_says_so(tmp_path):
    told, silent = write_folder(tmp_path / "a"), write_folder(tmp_path / "b", unknown=False)
    assert has_unknown(told) and stated(told) == "celebamask_hq"
    assert not has_unknown(silent) and not has_unknown(tmp_path)
    assert read_label(told / "labels/0.png")[0, 0] == UNKNOWN
    describe_folder(told, "celebamask_hq")
    with pytest.raises(UserError, match=r"255 \(256 px\) outside .* say \"unknown\": true in dataset.json"):
        open_layout("folder", told, "", SIZE).load(0)


def test_previews_show_them(tmp_path):
    label = np.array([[UNKNOWN, SKIN, NECK]], np.uint8)
    write_preview(tmp_path / "a.png", label, "celebamask_hq", unknown=True)
    colours = read_image(tmp_path / "a.png")
    np.testing.assert_array_equal(colours, labels.colourise(label, "celebamask_hq"))
    assert tuple(colours[0, 0]) == labels.UNKNOWN_COLOUR
    with pytest.raises(UserError, match="label value 255"):
        write_preview(tmp_path / "a.png", label, "celebamask_hq")


@pytest.mark.parametrize("partial", [False, True])
def test_sources_keep_them(partial, tmp_path):
    folders = write_folder(tmp_path / "a"), write_folder(tmp_path / "b", "helen", unknown=False)
    source = open_source(data_of(*folders), "train", partial, unknown=True)
    assert source.unknown
    mask, other = source.load(0)[1], source.load(2)[1]
    assert set(mask[:, 0]) == {UNLABELLED if partial else UNKNOWN}
    assert set(mask[:, 20]) == ({SKIN, NECK} if partial else {labels.SKIN, labels.BACKGROUND})
    assert set(other.ravel()) == {labels.SKIN + partial * PARTIAL_HELEN, labels.NOSE + partial * PARTIAL_HELEN}
    assert examine(open_layout("folder", folders[0], "", SIZE), 0).errors == []


def test_whoever_needs_a_mask_refuses_them(tmp_path):
    told, silent = write_folder(tmp_path / "a"), write_folder(tmp_path / "b", unknown=False)
    open_source(data_of(silent), "train")
    with pytest.raises(UserError, match=f"^{told}: its labels may have unknown pixels .* leave the folder out$"):
        open_source(data_of(silent, told), "train")


@pytest.mark.parametrize(("partial", "unknown"), [(False, UNKNOWN), (True, UNLABELLED)])
def test_augmentation_moves_them_with_the_face(partial, unknown):
    config = AugmentationConfig(flip=0.5, rotation=20.0, scale=0.2, shift=0.1, colour=0.3)
    mask = np.full((SIZE, SIZE), labels.LEFT_EYE + partial * PARTIAL_HELEN, np.uint8)
    mask[:, : SIZE // 4] = unknown
    image = np.where(mask == unknown, 255, 0).astype(np.uint8)[..., None].repeat(3, axis=-1)
    sides = set()
    for seed in range(8):
        found, moved = (np.asarray(x) for x in augment(image, mask, config, np.array([1, seed]), partial))
        assert set(np.unique(moved)) <= {unknown, *(v + partial * PARTIAL_HELEN for v in (4, 5))}
        assert ((found[..., 0] > 100) == (moved == unknown)).mean() > 0.95
        sides.add(bool((moved[:, :8] == unknown).mean() > 0.5))
    assert sides == {False, True}


@pytest.mark.parametrize(
    ("loss", "classes", "unknown"),
    [
        (losses.parsing_loss, 11, UNKNOWN),
        (losses.dice_loss, 11, UNKNOWN),
        (losses.partial_parsing_loss, 19, UNLABELLED),
        (losses.partial_dice_loss, 19, UNLABELLED),
    ],
)
def test_the_loss_is_that_of_the_known_pixels(loss, classes, unknown):
    logits = RANDOM.normal(size=(2, 4, 6, classes)).astype("float32")
    mask = RANDOM.integers(0, classes, logits.shape[:3]).astype(np.uint8)
    wanted = float(loss(mask[:, :, :4], logits[:, :, :4]))
    mask[:, :, 4:] = unknown
    with tf.GradientTape() as tape:
        variable = tf.Variable(logits)
        found = loss(mask, variable)
    gradient = np.asarray(tape.gradient(found, variable))
    assert float(found) == pytest.approx(wanted, rel=1e-5)
    assert not gradient[:, :, 4:].any() and gradient[:, :, :4].any(-1).all()


def test_nothing_is_learnt_where_all_is_unknown():
    logits = RANDOM.normal(size=(1, 4, 4, 11)).astype("float32")
    assert float(losses.parsing_loss(np.full((1, 4, 4), UNKNOWN), logits)) == 0
    assert float(losses.partial_parsing_loss(np.full((1, 4, 4), UNLABELLED), logits[..., :1].repeat(19, -1))) == 0


@pytest.mark.parametrize(("kind", "unknown"), [("unet", UNKNOWN), ("lite", UNLABELLED)])
def test_scores_leave_them_out(kind, unknown):
    config = small_config(task="parser")
    config.data.resolution = 64
    if kind == "lite":
        config.parser = ParserConfig(kind="lite", up_filters=(4, 4, 4, 4), up_blocks=(0, 0, 0, 0))
    objective = ParserObjective(config)
    mask = np.full((1, 64, 64), unknown, np.uint8)
    mask[:, :16] = labels.SKIN
    batch = {"target_image": RANDOM.integers(0, 256, (1, 64, 64, 3), np.uint8), "target_mask": mask}
    found = objective.validation(objective.networks["parser"], batch)
    for name in found.keys() - {"L_P"}:
        counts = ops.convert_to_numpy(found[name])
        assert counts.sum() == counts[labels.SKIN].sum() == 16 * 64


@pytest.mark.parametrize("kind", ["unet", "lite"])
def test_a_parser_is_trained_on_both(kind, tmp_path):
    folders = write_folder(tmp_path / "real", unknown=False), write_folder(tmp_path / "pseudo")
    config = tiny_config(steps=2, log_every=1, validate_every=2, sample_every=2)
    config.data, config.loss.dice = data_of(*folders), 1.0
    if kind == "lite":
        config.parser = ParserConfig(kind="lite", up_filters=(4, 4, 4, 4), up_blocks=(0, 0, 0, 0))
    assert train(config, tmp_path / "run") == 0
    lines = [json.loads(line) for line in (tmp_path / "run/metrics.jsonl").read_text().splitlines()]
    assert np.isfinite([line["L_P"] for line in lines if "L_P" in line]).all()
    assert (tmp_path / "run/samples/last.png").exists()


def test_an_editor_is_not(tmp_path):
    config = tiny_config("editor", steps=2)
    config.data = data_of(write_folder(tmp_path / "real", unknown=False), write_folder(tmp_path / "pseudo"))
    config.data.resolution = 64
    with pytest.raises(UserError, match=f"^{tmp_path / 'pseudo'}: its labels may have unknown pixels") as error:
        train(config, tmp_path / "run")
    assert "\n" not in str(error.value)
