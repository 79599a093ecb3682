"""What a user is told of hair that ends early, or beyond the portrait."""

from __future__ import annotations

import numpy as np
import pytest

from mgpe_tf import labels
from mgpe_tf.data.alignment import Alignment, whole
from mgpe_tf.data.synthetic import draw_portrait
from mgpe_tf.editing.masks import edits
from mgpe_tf.editing.masks.presence import SHORT, beyond_notices, notices_of

LONG, BALD, SHORT_HAIR = (draw_portrait(seed, 256)[1] for seed in (0, 1, 6))
CUT = edits.apply(LONG, {"hair_length": -1.0})


def in_photo(height: int, width: int, right: int, down: int, turn: float = 0.0) -> Alignment:
    """Of a portrait that begins there in a larger photograph, or is turned there about that point."""
    cosine, sine = np.cos(turn), np.sin(turn)
    matrix = np.array([[cosine, -sine, 0], [sine, cosine, 0]])
    matrix[:, 2] = -matrix[:, :2] @ (right, down)
    return Alignment(matrix, 256, (height, width))


@pytest.mark.parametrize(
    ("alignment", "told"),
    [
        (whole((256, 256), 256), False),
        (in_photo(500, 600, 150, 100), True),
        (in_photo(356, 600, 150, 100), False),
        (in_photo(257, 256, 0, 0), False),
        (in_photo(600, 600, 300, 344, np.pi / 2), True),
        (in_photo(600, 556, 300, 344, np.pi / 2), False),
        (in_photo(600, 600, 300, 100, -np.pi / 2), True),
    ],
    ids=["an aligned portrait", "goes on", "ends below", "by a pixel", "turned", "turned, ends", "turned back"],
)
def test_hair_that_goes_on_below_the_portrait_is_told(alignment, told):
    assert (LONG[-1] == labels.HAIR).mean() > 0.1 and not (CUT[-1] == labels.HAIR).any()
    assert bool(beyond_notices(LONG, CUT, alignment)) is told
    assert not beyond_notices(LONG, LONG, alignment)


def test_hair_that_ends_at_the_ears_is_cut_no_shorter():
    assert notices_of(SHORT_HAIR, SHORT_HAIR, {"hair_length": -0.5}) == [f"hair_length: {SHORT}"]
    assert not notices_of(SHORT_HAIR, SHORT_HAIR, {"hair_length": 0.5})
    assert not notices_of(LONG, LONG, {"hair_length": -0.5})
    [bald] = notices_of(BALD, BALD, {"hair_length": -0.5})
    assert "no hair" in bald
