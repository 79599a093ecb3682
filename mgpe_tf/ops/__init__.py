"""Geometric tensor operations in pure ``keras.ops``: they run under TensorFlow and JAX, in graphs and under XLA.

Masks are integer tensors [B, H, W] of Helen ids (``mgpe_tf.labels``), images are channels-last, and every output has
a static height and width.
"""

from __future__ import annotations

from mgpe_tf.ops.centres import component_centres
from mgpe_tf.ops.crop import crop
from mgpe_tf.ops.cubic import cubic_enlarge
from mgpe_tf.ops.enlarge import enlarge_labels
from mgpe_tf.ops.flow import random_flow, resized_flow, stretches
from mgpe_tf.ops.jpeg import jpeg
from mgpe_tf.ops.membership import component_mask, membership
from mgpe_tf.ops.one_hot import class_shares, one_hot_mask
from mgpe_tf.ops.pixel_shuffle import depth_to_space, space_to_depth
from mgpe_tf.ops.place import place
from mgpe_tf.ops.reflect import reflect_pad
from mgpe_tf.ops.warp import flow_warp, similarity_warp

__all__ = [
    "class_shares",
    "component_centres",
    "component_mask",
    "crop",
    "cubic_enlarge",
    "depth_to_space",
    "enlarge_labels",
    "flow_warp",
    "jpeg",
    "membership",
    "one_hot_mask",
    "place",
    "random_flow",
    "reflect_pad",
    "resized_flow",
    "similarity_warp",
    "space_to_depth",
    "stretches",
]
