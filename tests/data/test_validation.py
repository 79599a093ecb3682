"""Validation batches: every portrait once, with the next one as the source."""

from __future__ import annotations

import numpy as np
import pytest

from mgpe_tf.data.source import Source
from mgpe_tf.data.validation import validation_batches
from mgpe_tf.errors import UserError


class Numbered(Source):
    """Five portraits of 8x8 pixels, whose grey level and label are their number; ``broken`` cannot be read."""

    resolution, names = 8, tuple("01234")
    broken = None

    def load(self, index):
        if index == self.broken:
            raise UserError(f"{index}.png: broken")
        return np.full((8, 8, 3), index, np.uint8), np.full((8, 8), index, np.uint8)


@pytest.mark.parametrize(
    ("limit", "targets", "sources"),
    [
        (9, [[0, 1], [2, 3], [4]], [[1, 2], [3, 4], [0]]),
        (3, [[0, 1], [2]], [[1, 2], [3]]),
    ],
)
def test_portraits_pass_once_with_the_next_as_source(limit, targets, sources):
    batches = validation_batches(Numbered(), 2, limit)
    for role, expected in (("target", targets), ("source", sources)):
        assert [batch[f"{role}_image"][:, 0, 0, 0].tolist() for batch in batches] == expected
        assert [batch[f"{role}_mask"][:, 0, 0].tolist() for batch in batches] == expected


def test_a_portrait_that_cannot_be_read_is_named():
    source = Numbered()
    source.broken = 4
    with pytest.raises(UserError, match="4.png: broken"):
        validation_batches(source, 2, 9)
    assert len(validation_batches(source, 2, 3)) == 2
