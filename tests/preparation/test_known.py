"""Labels of fewer classes, of which a parser tells what they merge."""

from __future__ import annotations

import numpy as np
import pytest
from drawn import PORTRAITS, SIZE, label_of, save
from PIL import Image
from test_prepare_folder import lines_of, run_verb

from mgpe_tf import labels
from mgpe_tf.data.label_sets import describe_folder
from mgpe_tf.errors import UserError
from mgpe_tf.labels import NUM_PARTS, PARTS, PARTS_TO_HELEN
from mgpe_tf.preparation.known import KnownLabels

IMAGE, MASK = PORTRAITS[0]
OF_BACKGROUND = [part for part, helen in enumerate(PARTS_TO_HELEN) if helen == labels.BACKGROUND]


@pytest.fixture
def folder(tmp_path):
    """A portrait with its Helen label."""
    save(tmp_path / "helen/images/a.png")
    (tmp_path / "helen/labels").mkdir()
    Image.fromarray(MASK.astype(np.uint8)).save(tmp_path / "helen/labels/a.png")
    describe_folder(tmp_path / "helen", "helen")
    return tmp_path / "helen"


def drawn_probabilities() -> np.ndarray:
    """Of any part, most of them of what the label allows."""
    drawn = np.random.default_rng(0).random((SIZE, SIZE, NUM_PARTS)).astype(np.float32)
    drawn += 20 * (np.array(PARTS_TO_HELEN) == MASK[..., None]) * drawn
    return drawn / drawn.sum(axis=-1, keepdims=True)


def test_a_label_leaves_the_parts_that_it_merges_in_their_proportions(folder):
    before = drawn_probabilities()
    after = KnownLabels(folder).narrowed(before, "a")
    np.testing.assert_allclose(after.sum(axis=-1), 1, atol=1e-5)
    np.testing.assert_array_equal(np.array(PARTS_TO_HELEN)[after.argmax(axis=-1)], MASK)
    background, nose = MASK == labels.BACKGROUND, MASK == labels.NOSE
    wanted = before[background][:, OF_BACKGROUND]
    wanted /= wanted.sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(after[background][:, OF_BACKGROUND], wanted, atol=1e-5)
    np.testing.assert_allclose(after[nose][:, PARTS["nose"]], 1, atol=1e-5)


@pytest.mark.parametrize(("hat", "told"), [(0.0, 1 / len(OF_BACKGROUND)), (0.4, 1 / len(OF_BACKGROUND)), (0.6, 1.0)])
def test_where_a_parser_rather_contradicts_a_label_nothing_is_told(folder, hat, told):
    """Another person's head is background in Helen's labels, and hair to the parser. Each part that is allowed is then
    as probable as the others, so ``unknown_below`` leaves it open."""
    before = np.zeros((SIZE, SIZE, NUM_PARTS), np.float32)
    before[..., PARTS["hat"]], before[..., PARTS["hair"]] = hat, 1 - hat
    after = KnownLabels(folder).narrowed(before, "a")[MASK == labels.BACKGROUND]
    np.testing.assert_allclose(after[:, PARTS["hat"]], told, atol=1e-5)
    np.testing.assert_allclose(after.sum(axis=-1), 1, atol=1e-5)


def test_larger_predictions_are_narrowed_by_the_nearest_label(folder):
    large = drawn_probabilities().repeat(2, axis=0).repeat(2, axis=1)
    after = KnownLabels(folder).narrowed(large, "a").argmax(axis=-1)
    np.testing.assert_array_equal(np.array(PARTS_TO_HELEN)[after], MASK.repeat(2, axis=0).repeat(2, axis=1))


def test_what_is_not_there_is_told(folder, tmp_path):
    with pytest.raises(UserError, match="there is no such folder"):
        KnownLabels(tmp_path / "no")
    with pytest.raises(UserError, match=r"b\.png"):
        KnownLabels(folder).narrowed(drawn_probabilities(), "b")


def test_the_verb_keeps_to_the_labels(folder, tmp_path):
    from stored_parser import lite_config, random_lite_parser, store_run

    save(folder / "images/without_a_label.png", PORTRAITS[1][0])
    model = store_run(tmp_path / "run", config=lite_config(), parser=random_lite_parser())
    result = run_verb(
        *[f"--input={folder / 'images'}", f"--known={folder}", f"--parser={model}", "--licence=x", "--aligned"],
        *["--resolution=64", "--needed=", "--min_confidence=0", "--val_share=0", "--image_format=png"],
        *["--min_eye_distance=0", "--min_sharpness=0", "--label_set=celebamask_hq", f"--output={tmp_path / 'out'}"],
    )
    assert result.returncode == 2 and "without_a_label.png" in result.stderr
    (line,) = lines_of(tmp_path / "out/manifest.jsonl")
    found = label_of(tmp_path / "out", line)
    np.testing.assert_array_equal(np.array(PARTS_TO_HELEN)[found], MASK)
    assert len(np.unique(found[MASK == labels.BACKGROUND])) > 1
