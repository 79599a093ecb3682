"""Geometric tensor operations in pure ``keras.ops``: they run under TensorFlow and JAX, in graphs and under XLA.

Masks are integer tensors [B, H, W] of Helen ids (``mgpe_tf.labels``), images are channels-last, and every output has
a static height and width.
"""

from __future__ import annotations

from mgpe_tf.ops.centres import component_centres
from mgpe_tf.ops.crop import crop
from mgpe_tf.ops.enlarge import enlarge_labels
from mgpe_tf.ops.membership import component_mask, membership
from mgpe_tf.ops.one_hot import one_hot_mask
from mgpe_tf.ops.pixel_shuffle import depth_to_space, space_to_depth
from mgpe_tf.ops.place import place
from mgpe_tf.ops.reflect import reflect_pad
from mgpe_tf.ops.warp import similarity_warp

__all__ = [
    "component_centres",
    "component_mask",
    "crop",
    "depth_to_space",
    "enlarge_labels",
    "membership",
    "one_hot_mask",
    "place",
    "reflect_pad",
    "similarity_warp",
    "space_to_depth",
]
