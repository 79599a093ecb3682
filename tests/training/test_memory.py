"""The memory of a training."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

FAULTS = """
import resource, sys
import numpy as np
from mgpe_tf.training.memory import keep_freed_memory
if sys.argv[1] == "kept" and not keep_freed_memory():
    sys.exit("not to be had")
faults = []
for _ in range(3):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for size in (40, 70, 50):
        np.ones(size * 2**20, np.uint8)
    faults.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
print(*faults)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is changed")
def test_freed_blocks_are_used_again_without_asking_the_system():
    def faults(how):
        own = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
        command = [sys.executable, "-c", FAULTS, how]
        result = subprocess.run(command, capture_output=True, text=True, check=True, env=own)
        return list(map(int, result.stdout.split()))

    first, *later = faults("kept")
    assert max(later) < 0.05 * first
    assert min(faults("given back")[1:]) > 20 * max(*later, 1)
