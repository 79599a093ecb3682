"""The package is light to import."""

from __future__ import annotations

import subprocess
import sys

import mgpe_tf


def test_importing_the_package_imports_no_framework():
    code = "import sys, mgpe_tf; print(sorted({'tensorflow', 'keras', 'numpy', 'cv2'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_light_modules_import_no_framework():
    code = (
        "import sys, mgpe_tf.labels, mgpe_tf.geometry, mgpe_tf.config, mgpe_tf.cli, mgpe_tf.training.run_folder, "
        "mgpe_tf.models.checkpoints; print(sorted({'tensorflow', 'keras', 'jax'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_version_has_three_numbers():
    assert [part.isdigit() for part in mgpe_tf.__version__.split(".")] == [True] * 3
