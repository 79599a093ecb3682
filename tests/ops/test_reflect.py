"""Reflected borders."""

from __future__ import annotations

import numpy as np
import pytest
from keras import ops

from mgpe_tf.networks.blocks import Conv
from mgpe_tf.ops import reflect_pad


@pytest.mark.parametrize(("shape", "pad"), [((2, 5, 7, 3), 1), ((1, 4, 4, 2), 3), ((1, 6, 2, 1), 1)])
def test_it_is_numpys_reflection(shape, pad):
    x = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    edge = (pad, pad)
    wanted = np.pad(x, ((0, 0), edge, edge, (0, 0)), mode="reflect")
    np.testing.assert_array_equal(ops.convert_to_numpy(reflect_pad(x, pad)), wanted)


def test_a_convolution_gives_in_training_what_it_gives_at_inference():
    x = np.random.default_rng(0).normal(size=(2, 6, 5, 3)).astype(np.float32)
    conv = Conv(4, 5, pad=2, pad_mode="reflect")
    np.testing.assert_allclose(conv(x, training=True), conv(x, training=False), atol=1e-6)
