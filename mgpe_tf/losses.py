"""The terms of the paper's losses (section 3.3), one function each.

Images are float [B, H, W, 3] in [-1, 1]; discriminator outputs are lists over the scales of [B, h, w, 1] scores before
any sigmoid, or of [B, h, w, C] features. Every function returns a float32 scalar, the mean over the batch.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import ops

from mgpe_tf.config import LossConfig
from mgpe_tf.labels import PARTIAL_PARTS, UNLABELLED
from mgpe_tf.metrics.image import LUMINANCE, SIGMA, WINDOW, similarity_maps
from mgpe_tf.ops.blur import gaussian_blur
from mgpe_tf.ops.flow import end_points, stretches
from mgpe_tf.ops.tensor import Tensor


def squared_distance(a: Tensor, b: Tensor, reduction: str = "mean", weight: Tensor | None = None) -> Tensor:
    """1/2 || a - b ||^2: over the elements of each sample the mean or the sum, then the mean over the batch.

    Args:
      a, b: float [B, ...].
      reduction: "mean" or "sum".
      weight: optional factor per element, broadcast to a's shape.
    """
    return _reduce(ops.square(_difference(a, b)) / 2, reduction, weight)


def absolute_distance(a: Tensor, b: Tensor, reduction: str = "mean", weight: Tensor | None = None) -> Tensor:
    """|| a - b ||_1, arguments as for ``squared_distance``."""
    return _reduce(ops.abs(_difference(a, b)), reduction, weight)


DISTANCES = {"l2": squared_distance, "l1": absolute_distance}


def local_loss(crops: dict[str, Tensor], reconstructions: dict[str, Tensor], config: LossConfig) -> Tensor:
    """L_local = sum over components i of 1/2 || x_i - G_local^i(E_local^i(x_i)) ||^2 (equation 1).

    Args:
      crops, reconstructions: by component name, [B, h, w, 3].
    """
    distance = DISTANCES[config.norm]
    return sum(distance(crops[name], reconstructions[name], config.reduction) for name in crops)


def global_loss(generated: Tensor, image: Tensor, config: LossConfig, weight: Tensor | None = None) -> Tensor:
    """L_global = 1/2 || G(x_s, m_s, x_t, m_t) - x_s ||^2, where x_s is x_t (equation 2).

    Args:
      generated, image: [B, H, W, 3].
      weight: optional [B, H, W, 1] weight per pixel.
    """
    return DISTANCES[config.norm](generated, image, config.reduction, weight)


def discriminator_loss(
    real_scores: Sequence[Tensor],
    fake_scores: Sequence[Tensor],
    gan: str = "vanilla",
    weights: Sequence[Tensor] | None = None,
) -> list[Tensor]:
    """L_D_i = -E[log D_i(x_t, m_t)] - E[log(1 - D_i(G(...), m_t))] for each scale i (equation 3).

    Args:
      real_scores, fake_scores: lists over the scales.
      gan: "vanilla" (above), "least_squares": E[(D(x) - 1)^2] + E[D(G)^2], each halved, or
        "hinge": E[max(0, 1 - D(x))] + E[max(0, 1 + D(G))].
      weights: how much each score counts, [B, h, w, 1] each; None: all alike.

    Returns:
      list over the scales of scalars.
    """
    real, fake = _GAN[gan][:2]
    each = zip(real_scores, fake_scores, weights or [None] * len(real_scores), strict=True)
    return [weighted_mean(real(_float(r)), w) + weighted_mean(fake(_float(f)), w) for r, f, w in each]


def adversarial_loss(
    fake_scores: Sequence[Tensor], gan: str = "vanilla", weights: Sequence[Tensor] | None = None
) -> Tensor:
    """L_sigmoid = sum over i of -E[log D_i(G(...), m_t)] (equation 4); least squares: E[(D(G) - 1)^2] / 2;
    hinge: -E[D(G)]. Weights as for ``discriminator_loss``."""
    generator = _GAN[gan][2]
    each = zip(fake_scores, weights or [None] * len(fake_scores), strict=True)
    return sum(weighted_mean(generator(_float(f)), w) for f, w in each)


def weighted_mean(values: Tensor, weights: Tensor | None = None) -> Tensor:
    """The mean of values [B, ...], each as much as its weight says; 0 if none counts."""
    if weights is None:
        return ops.mean(values)
    weights = _float(weights)
    return ops.sum(_float(values) * weights) / ops.maximum(ops.sum(weights), 1e-6)


def feature_matching_loss(
    real_features: Sequence[Tensor], fake_features: Sequence[Tensor], reduction: str = "mean", norm: str = "l2"
) -> Tensor:
    """L_FM = sum over i of 1/2 || f_Di(G(...), m_t) - f_Di(x_t, m_t) ||^2 (equation 5), f_Di the last intermediate
    feature; the real one is held fixed. In pix2pixHD the features are all intermediate ones, and the norm is "l1"."""
    pairs = zip(real_features, fake_features, strict=True)
    return sum(DISTANCES[norm](fake, ops.stop_gradient(real), reduction) for real, fake in pairs)


def parsing_loss(mask: Tensor, logits: Tensor) -> Tensor:
    """L_P and L_GP = -E sum_ij log P(m_ij | P_F(x)_ij): cross-entropy per pixel, the mean over the pixels (equation 7)
    that are known.

    Args:
      mask: integer [B, H, W], Helen ids or ``labels.UNKNOWN``.
      logits: [B, H, W, 11].
    """
    mask = ops.cast(mask, "int32")
    known = mask < logits.shape[-1]
    label = ops.where(known, mask, 0)
    return _mean_where(known, ops.sparse_categorical_crossentropy(label, _float(logits), from_logits=True))


def partial_parsing_loss(mask: Tensor, logits: Tensor) -> Tensor:
    """L_P where data sets know different classes: -E sum_ij log sum_c P(c | P_F(x)_ij) over the parts c that m_ij may
    be; for a pixel whose part is known it is L_P. The mean over the pixels that may not be just anything.

    Args:
      mask: integer [B, H, W], partial ids (``labels.PARTIAL_PARTS``).
      logits: [B, H, W, 19].
    """
    logits = _float(logits)
    possible = _possible_parts(mask)
    # Of what may not be, so little is left that its exponential is 0 and its gradient too.
    values = ops.logsumexp(logits, axis=-1) - ops.logsumexp(logits - 1e9 * (1 - possible), axis=-1)
    return _mean_where(ops.cast(mask, "int32") != UNLABELLED, values)


def partial_dice_loss(mask: Tensor, logits: Tensor) -> Tensor:
    """L_Dice against a partial label: where a pixel may be several parts, against what the network predicts of these.

    Arguments as for ``partial_parsing_loss``. A pixel that may be any part counts for nothing.
    """
    logits = _float(logits)
    possible = _possible_parts(mask)
    target = ops.softmax(ops.stop_gradient(logits) - 1e9 * (1 - possible))
    known = ops.cast(ops.cast(mask, "int32") != UNLABELLED, "float32")[..., None]
    return _dice(target * known, ops.softmax(logits) * known)


def _possible_parts(mask: Tensor) -> Tensor:
    """Partial ids [B, H, W] -> 1 for each part that a pixel may be, else 0, float32 [B, H, W, 19]."""
    return ops.take(ops.convert_to_tensor(PARTIAL_PARTS.astype("float32")), ops.cast(mask, "int32"), axis=0)


def share_loss(shares: Tensor, logits: Tensor) -> Tensor:
    """L_P of cells that hold several classes: -sum_ij sum_c s_ijc log P(c | ij) / sum_ijc s_ijc.

    Args:
      shares: float [B, H, W, C] of each class in each cell; less than 1 in all where a part of it does not count.
      logits: [B, H, W, C].
    """
    shares = _float(shares)
    return -ops.sum(shares * ops.log_softmax(_float(logits))) / ops.maximum(ops.sum(shares), 1.0)


def distillation_loss(probabilities: Tensor, logits: Tensor) -> Tensor:
    """L_distil = -E sum_ij sum_c T(x)_ijc log P(c | P_F(x)_ij): cross-entropy per pixel against what a trained parser T
    reads, which leaves out what annotators did once and not again (Hinton et al. 2015, at temperature 1).

    Args:
      probabilities: [B, H, W, 11], of T; held fixed.
      logits: [B, H, W, 11].
    """
    return ops.mean(
        ops.categorical_crossentropy(ops.stop_gradient(_float(probabilities)), _float(logits), from_logits=True)
    )


def perceptual_loss(real_maps: Sequence[Tensor], fake_maps: Sequence[Tensor]) -> Tensor:
    """L_perc = mean over l of || phi_l(G) - phi_l(x_t) ||_1 / || phi_l(x_t) ||_1, phi_l the maps of P_F's encoder
    stages: the perceptual distance of Johnson et al. 2016 in a network that knows faces. The real ones are held
    fixed."""
    pairs = [(_float(fake), ops.stop_gradient(_float(real))) for real, fake in zip(real_maps, fake_maps, strict=True)]
    return sum(ops.mean(ops.abs(f - r)) / ops.mean(ops.abs(r)) for f, r in pairs) / len(pairs)


def structure_loss(generated: Tensor, image: Tensor, weight: Tensor | None = None) -> Tensor:
    """L_SSIM = 1 - SSIM(G, x_t): the structural similarity of the luminance, the mean over all pixels (Wang et al.
    2004; as a loss beside the absolute distance Zhao et al. 2017). Unlike distances it counts lost contrast.

    Args:
      generated, image: [B, H, W, 3].
      weight: optional [B, H, W, 1] weight per pixel.
    """
    weights = ops.convert_to_tensor(LUMINANCE.astype("float32"))
    x, y = (127.5 * (ops.sum(_float(picture) * weights, axis=-1, keepdims=True) + 1) for picture in (generated, image))
    luminance, structure = similarity_maps(x, y, lambda values: gaussian_blur(values, WINDOW, SIGMA))
    return _reduce(1 - luminance * structure, "mean", weight)


def kl_loss(mean: Tensor, log_variance: Tensor) -> Tensor:
    """L_KL = sum_j 1/2 (mu_j^2 + sigma_j^2 - 1 - log sigma_j^2): from N(mu, sigma^2) to N(0, 1) (Zhu et al. 2017).

    Args:
      mean, log_variance: [B, E]: mu and log sigma^2.
    """
    mean, log_variance = _float(mean), _float(log_variance)
    return ops.mean(ops.sum(ops.square(mean) + ops.exp(log_variance) - 1 - log_variance, axis=-1)) / 2


def dice_loss(mask: Tensor, logits: Tensor) -> Tensor:
    """L_Dice = 1 - mean_c (2 sum p_c g_c + 1) / (sum p_c + sum g_c + 1): one minus the soft F1 of the ten foreground
    classes, sums over all known pixels of the batch (Milletari et al. 2016; small classes count as much as large ones).

    Args:
      mask: integer [B, H, W], Helen ids or ``labels.UNKNOWN``.
      logits: [B, H, W, 11].
    """
    logits = _float(logits)
    label = ops.one_hot(ops.cast(mask, "int32"), logits.shape[-1], dtype=logits.dtype)  # 0 everywhere of an unknown one
    return _dice(label, ops.softmax(logits) * ops.sum(label, axis=-1, keepdims=True))


def _dice(label: Tensor, probability: Tensor) -> Tensor:
    """One minus the mean soft F1 of all classes but the first, [B, H, W, C] each."""
    pixels = (0, 1, 2)
    both, either = ops.sum(probability * label, pixels), ops.sum(probability, pixels) + ops.sum(label, pixels)
    return 1 - ops.mean(((2 * both + 1) / (either + 1))[1:])


def end_point_loss(flow: Tensor, known: Tensor, weight: Tensor) -> Tensor:
    """L_EPE = sum w |f - f*| / sum w: the mean distance in cells between the end points of a flow and a known one.

    Args:
      flow, known: [B, H, W, 2].
      weight: [B, H, W].
    """
    return ops.sum(weight * end_points(_float(flow), _float(known))) / ops.maximum(ops.sum(weight), 1.0)


def label_loss(warped: Tensor, target: Tensor, weights: Tensor) -> Tensor:
    """L_label = sum_c w_c | W_c - T_c |, the mean over the cells.

    Args:
      warped, target: what cells hold of each class, [B, H, W, C].
      weights: [C].
    """
    return ops.mean(ops.sum(ops.abs(_difference(warped, target)) * weights, axis=-1))


def bending_loss(flow: Tensor) -> Tensor:
    """L_bending = mean of |f_xx|^2 + 2 |f_xy|^2 + |f_yy|^2: the bending energy of a thin plate by second differences
    (Rueckert et al. 1999). Of flows [B, H, W, 2], in cells."""

    def energy(second: Tensor) -> Tensor:
        return ops.mean(ops.sum(ops.square(second), axis=-1))

    flow = _float(flow)
    across, along = flow[:, :, 1:] - flow[:, :, :-1], flow[:, 1:] - flow[:, :-1]
    return (
        energy(across[:, :, 1:] - across[:, :, :-1])
        + 2 * energy(across[:, 1:] - across[:, :-1])
        + energy(along[:, 1:] - along[:, :-1])
    )


def strain_loss(flow: Tensor, jacobian: float = 0.4, strain: float = 0.5) -> Tensor:
    """L_strain = mean of max(0, 0.4 - J) + max(0, s - 0.5): J the Jacobian determinant of p + f(p), s how far its
    larger or smaller stretch is from 1. It is 0 unless something is much enlarged, shrunk or folded over."""
    most, least = stretches(_float(flow))
    excess = ops.maximum(most - 1, 1 - least) - strain
    return ops.mean(ops.relu(jacobian - most * least) + ops.relu(excess))


_GAN = {
    "vanilla": (lambda s: ops.softplus(-s), ops.softplus, lambda s: ops.softplus(-s)),
    "least_squares": (lambda s: ops.square(s - 1) / 2, lambda s: ops.square(s) / 2, lambda s: ops.square(s - 1) / 2),
    "hinge": (lambda s: ops.relu(1 - s), lambda s: ops.relu(1 + s), lambda s: -s),
}
"""(loss of a real score, of a fake score for D, of a fake score for G)."""


def _mean_where(counted: Tensor, values: Tensor) -> Tensor:
    """The mean of the values [B, H, W] of those pixels that count, bool [B, H, W]; 0 if none does."""
    weight = ops.cast(counted, values.dtype)
    return ops.sum(weight * values) / ops.maximum(ops.sum(weight), 1)


def _float(x: Tensor) -> Tensor:
    return ops.cast(x, keras.config.floatx())


def _difference(a: Tensor, b: Tensor) -> Tensor:
    return _float(a) - _float(b)


def _reduce(values: Tensor, reduction: str, weight: Tensor | None) -> Tensor:
    if weight is not None:
        values = values * _float(weight)
    if reduction == "sum":
        return ops.sum(values) / values.shape[0]
    return ops.mean(values)
