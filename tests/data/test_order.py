"""The order of the batches in numpy: epochs, partners, resume."""

from __future__ import annotations

import numpy as np
import pytest

from mgpe_tf.data.order import batch_indices, require_partners
from mgpe_tf.errors import UserError


def take(steps, batch_size=2, size=7, seed=5):
    """Targets and partners of the first steps, one after the other."""
    return np.concatenate([batch_indices(step * batch_size, batch_size, size, seed) for step in range(steps)], axis=1)


@pytest.mark.parametrize("batch_size", [1, 2, 3, 20])
def test_every_epoch_holds_each_portrait_once_in_an_order_of_its_own(batch_size):
    for numbers in take(21, batch_size):
        epochs = [tuple(numbers[i : i + 7]) for i in range(0, len(numbers) - 6, 7)]
        assert all(sorted(epoch) == list(range(7)) for epoch in epochs) and len(set(epochs)) > 1


@pytest.mark.parametrize("size", [2, 3, 7])
def test_a_partner_is_another_portrait(size):
    targets, partners = take(40, size=size)
    assert np.all(targets != partners)


def test_the_seed_and_the_step_alone_decide():
    later = batch_indices(22, 2, 7, 5)
    np.testing.assert_array_equal(take(12)[:, -2:], later)
    np.testing.assert_array_equal(batch_indices(22, 2, 7, 5), later)
    assert np.any(take(7) != take(7, seed=6)) and later[0].dtype == np.int32


def test_one_portrait_has_no_partner():
    require_partners(1, unpaired=False)
    with pytest.raises(UserError, match="training.unpaired needs at least 2 portraits"):
        require_partners(1, unpaired=True)
    assert take(2, size=1).tolist() == [[0] * 4] * 2
