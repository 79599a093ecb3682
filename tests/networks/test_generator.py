"""What reaches the generated portrait, and how far."""

from __future__ import annotations

import numpy as np
import pytest
from keras import ops
from scipy.ndimage import binary_dilation
from small import SIZE, as_inputs, compact, face_mask, paper_like, portraits, randomised, small_config

from mgpe_tf import geometry, labels
from mgpe_tf.objectives.editor import build_generator

X_S, M_S, X_T, M_T = as_inputs(portraits())
numpy_of = ops.convert_to_numpy


@pytest.fixture(scope="module")
def paper():
    return randomised(build_generator(small_config(paper_like())))


@pytest.fixture(scope="module")
def small():
    return randomised(build_generator(small_config(compact())))


@pytest.fixture(params=["paper", "small"])
def generator(request):
    return request.getfixturevalue(request.param)


def changed(model, *inputs) -> np.ndarray:
    """bool [B, R, R]: where the portrait differs from that of the unchanged inputs."""
    difference = numpy_of(model.generate(*inputs)) - numpy_of(model.generate(X_S, M_S, X_T, M_T))
    return np.abs(difference).max(axis=-1) > 1e-5


def near(where: np.ndarray, distance: int) -> np.ndarray:
    """bool [B, R, R]: at most so many rows and columns from a pixel of ``where``."""
    square = np.ones((1, 2 * distance + 1, 2 * distance + 1), bool)
    return binary_dilation(where, square) if where.any() else where


def test_generate_is_the_image_of_the_full_pass(generator):
    output = generator(X_S, M_S, X_T, M_T)
    image = numpy_of(generator.generate(X_S, M_S, X_T, M_T))
    np.testing.assert_allclose(output["image"], image, atol=1e-6)
    assert image.dtype == np.float32 and np.abs(image).max() <= 1
    for name, crop in output["crops"].items():
        assert output["reconstructions"][name].shape == crop.shape


def test_eye_crops_are_windows_and_the_others_are_masked(generator):
    crops = generator.crops(X_S, M_S)
    for component in geometry.COMPONENTS:
        member = np.isin(M_S, component.labels)[..., None]
        pixels = X_S * member if component.masked else X_S
        for i in range(len(X_S)):
            expected = pixels[i]
            if not component.whole:
                row, column = geometry.component_centre(M_S[i], component)
                h, w = geometry.crop_size(component, SIZE)
                # Padded by the crop's size, every window lies inside the picture.
                padded = np.pad(expected, ((h, h), (w, w), (0, 0)))
                expected = padded[row + h - h // 2 :, column + w - w // 2 :][:h, :w]
            np.testing.assert_allclose(crops[component.name][i], expected, atol=1e-6)


def test_features_are_placed_about_the_target_components(generator):
    rng = np.random.default_rng(0)
    features = {c.name: rng.normal(size=(2, *c.feature_size, 3)).astype(np.float32) for c in generator.components}
    maps = generator.placed(features, M_T)
    grid = generator.config.grid
    for component, placed in zip(geometry.COMPONENTS, maps):
        feature = features[component.name]
        expected = feature
        if not component.whole:
            h, w = feature.shape[1:3]
            expected = np.zeros((2, SIZE // grid, SIZE // grid, 3), np.float32)
            for i in range(2):
                centre = geometry.component_centre(M_T[i], component)
                row, column = (int(np.floor(place / grid + 0.5)) for place in centre)
                expected[i, row - h // 2 :, column - w // 2 :][:h, :w] = feature[i]
        np.testing.assert_allclose(placed, expected, atol=1e-6)


def test_components_at_the_border_or_missing_work(generator):
    nothing = np.zeros_like(M_T)
    corner = np.stack([face_mask(down=-27, right=-22), face_mask(down=40, right=40)]).astype(np.int32)
    seen = []
    for source_mask, target_mask in [(nothing, M_T), (M_S, nothing), (corner, M_T), (M_S, corner), (nothing, nothing)]:
        image = numpy_of(generator.generate(X_S, source_mask, X_T, target_mask))
        assert np.isfinite(image).all()
        seen.append(image)
    assert all(np.abs(a - seen[0]).max() > 1e-3 for a in seen[1:])


def test_fusion_at_half_size_never_sees_the_hidden_portrait(small):
    hidden = np.where((M_T > 0)[..., None], -X_T, X_T)
    assert not changed(small, X_S, M_S, hidden, M_T).any()


def test_fusion_at_full_size_sees_only_the_rim_of_the_hidden_portrait(paper):
    """E_b's 7x7 kernel at a background pixel reaches 3 pixels in, G_b's carries that 3 pixels on."""
    background = M_T == 0
    hidden = np.where(near(background, 3)[..., None], X_T, -X_T)
    assert not changed(paper, X_S, M_S, hidden, M_T).any()
    rim = ~background & near(background, 3)
    moved = changed(paper, X_S, M_S, np.where(rim[..., None], -X_T, X_T), M_T)
    assert moved.any() and not (moved & ~near(background, 3)).any()


def test_the_background_changes_the_portrait_near_the_background(generator):
    background = M_T == 0
    moved = changed(generator, X_S, M_S, np.where(background[..., None], -X_T, X_T), M_T)
    assert moved[background].mean() > 0.9  # where tanh is saturated nothing moves
    scale, kernel = generator.config.fusion_scale, generator.config.fusion_kernel
    reach = scale * 2 * (kernel // 2) + scale - 1  # two kernels on packed pixels
    assert not (moved & ~near(background, reach)).any()


def test_the_appearance_of_the_mouth_changes_the_surroundings_of_the_mouth(generator):
    """In G_m's map: two 3x3 kernels of the residual block, then the upsampling's and the last kernel's reach."""
    mouth = np.isin(M_S, (labels.UPPER_LIP, labels.INNER_MOUTH, labels.LOWER_LIP))
    moved = changed(generator, np.where(mouth[..., None], -X_S, X_S), M_S, X_T, M_T)
    centre = np.zeros(M_T.shape, bool)
    component = geometry.component("mouth")
    for i, mask in enumerate(M_T):
        centre[i][geometry.component_centre(mask, component)] = True
    height, width = geometry.crop_size(component, SIZE)
    reach = 5 * generator.config.grid
    window = binary_dilation(centre, np.ones((1, height + 2 * reach + 1, width + 2 * reach + 1), bool))
    lips = np.isin(M_T, component.labels)
    assert moved[lips].mean() > 0.8
    assert not (moved & ~window).any()


@pytest.mark.parametrize("skips", [False, True])
def test_without_a_background_network_the_foreground_is_cut_out_and_pasted(skips):
    whole = build_generator(small_config(compact(skips=skips)))
    model = randomised(build_generator(small_config(compact(skips=skips, background=0))))
    assert whole.count_params() > model.count_params() and model.encode_background(X_T) is None
    drawn = numpy_of(model.generate(X_S, M_S, X_T, M_T))
    np.testing.assert_array_equal(drawn[M_T == 0], X_T[M_T == 0])
    hidden = np.where((M_T > 0)[..., None], -X_T, X_T)
    black = np.where((M_T == 0)[..., None], 0 * X_T, X_T)
    for other in (hidden, black):
        np.testing.assert_array_equal(numpy_of(model.generate(X_S, M_S, other, M_T))[M_T > 0], drawn[M_T > 0])
    assert drawn[M_T > 0].std() > 0.1


def with_skips():
    """A generator whose last convolution adds nothing."""
    model = randomised(build_generator(small_config(compact(skips=True))))
    for v in model.fusion.head.conv.weights:
        v.assign(np.zeros(v.shape))
    return model


def test_skips_lead_the_visible_background_to_the_output_as_it_is():
    drawn = numpy_of(with_skips().generate(X_S, M_S, X_T, M_T))
    np.testing.assert_array_equal(drawn, np.where((M_T == 0)[..., None], X_T, 0))


def test_skips_bound_the_output_only_when_nothing_is_learnt_from_it():
    model = with_skips()
    model.fusion.head.conv.bias.assign(np.full(12, 3.0))
    assert numpy_of(model.generate(X_S, M_S, X_T, M_T)).max() == 1
    assert numpy_of(model(X_S, M_S, X_T, M_T, training=True)["image"]).max() > 2


def test_skips_show_single_pixels_of_the_mask_at_once():
    model = randomised(build_generator(small_config(compact(skips=True))))
    edited = M_T.copy()
    edited[:, 52, 33] = labels.NOSE  # a pixel of skin
    moved = changed(model, X_S, M_S, X_T, edited)
    assert moved[:, 52, 33].all()


@pytest.mark.parametrize("label", [labels.HAIR, labels.SKIN])
def test_the_appearance_of_whole_components_reaches_everywhere(generator, label):
    component = next(c for c in geometry.COMPONENTS if label in c.labels)
    member = np.isin(M_S, component.labels)[..., None]
    assert changed(generator, np.where(member, -X_S, X_S), M_S, X_T, M_T).mean() > 0.9


def test_pixels_outside_the_source_components_do_not_count(generator):
    """The background of x_s is in no crop but the eyes', which are not masked."""
    outside = (M_S == 0)[..., None]
    assert not changed(generator, np.where(outside, -X_S, X_S), M_S, X_T, M_T).any()


def test_a_label_of_the_target_mask_changes_its_surroundings(generator):
    edited = M_T.copy()
    edited[:, 6:8, 20:30] = labels.BACKGROUND  # a notch in the hair; no component's centre moves
    moved = changed(generator, X_S, M_S, X_T, edited)
    reach = 6 * generator.config.grid
    assert moved[edited != M_T].mean() > 0.9
    assert not (moved & ~near(edited != M_T, reach)).any()


def test_noise_draws_the_embedding(paper, small):
    noise = np.random.default_rng(0).normal(size=(2, 5, 8)).astype(np.float32)
    crops = paper.crops(X_S, M_S)
    drawn, means = paper.embed(crops, noise), paper.embed(crops)
    for i, network in enumerate(paper.components):
        mean, log_variance = (numpy_of(x) for x in network.encode(crops[network.name]))
        np.testing.assert_allclose(means[network.name], mean, atol=1e-6)
        expected = mean + np.exp(log_variance / 2) * noise[:, i]
        np.testing.assert_allclose(drawn[network.name], expected, rtol=1e-4, atol=1e-5)
    crops = small.crops(X_S, M_S)
    for name, mean in small.embed(crops).items():  # not variational: noise is of no use
        np.testing.assert_array_equal(small.embed(crops, noise)[name], mean)


def test_unit_latents_keep_unusual_sources_near_the_others(small):
    for component in small.components:
        crops = np.random.default_rng(0).normal(0, 50, (2, *component.size, 3)).astype(np.float32)
        embedding = numpy_of(component.encode(crops)[0])
        np.testing.assert_allclose(np.sqrt((embedding**2).mean(-1)), 1.0, rtol=1e-5)
    decoder = small.components[0].feature_decoder  # without a bias, only an embedding's direction counts
    embedding = embedding.astype(np.float32)
    np.testing.assert_allclose(decoder(100 * embedding), numpy_of(decoder(embedding)), rtol=1e-4, atol=1e-4)


def test_the_three_stages_can_be_run_apart(generator):
    """One source's embedding on the other's mask is what a pass with that pair gives."""
    features = generator.decode(generator.embed(generator.crops(X_S[:1], M_S[:1])))
    apart = generator.render(features, X_T[1:], M_T[1:])
    np.testing.assert_allclose(apart, generator.generate(X_S[:1], M_S[:1], X_T[1:], M_T[1:]), atol=1e-6)
