"""Eight programs at once: no error, and the server's memory stays what it was."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from mgpe_tf.data.images import read_image

gradio_client = pytest.importorskip("gradio_client")

CLIENTS, RENDERS = 8, 200


def resident(process) -> float:
    """MiB of memory that a process holds."""
    pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
    return pages * 4096 / 2**20


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "portrait.png"
    Image.fromarray(data.astronaut()[0:256, 96:352]).save(path)
    return path


def work(address: str, photo: Path, folder: Path, renders: int, seed: int) -> None:
    """Opens the photograph and renders another shape again and again."""
    client = gradio_client.Client(address, verbose=False, download_files=folder, analytics_enabled=False)
    session = client.predict(gradio_client.handle_file(photo), 0, True, api_name="/open")["session"]
    original, generator = read_image(photo), np.random.default_rng(seed)
    for _ in range(renders):  # amounts near 0 would change no pixel of the mask
        width, length = (generator.uniform(0.4, 1, 2) * generator.choice((-1, 1), 2)).tolist()
        client.predict(session, {"face_width": width, "hair_length": length}, api_name="/shape")
        picture = read_image(client.predict(session, "png", "feather", api_name="/render")["picture"])
        assert picture.shape == original.shape and (picture != original).any()
    client.predict(session, api_name="/close")
    client.close()


def test_many_renders(server, photo, tmp_path):
    address, process = server

    def round_of(renders: int) -> float:
        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(lambda seed: work(address, photo, tmp_path, renders // CLIENTS, seed), range(CLIENTS)))
        return resident(process)

    first = round_of(RENDERS // 4)
    last = round_of(RENDERS)
    print(f"{first:.0f} MiB after {RENDERS // 4} renders, {last:.0f} MiB after {RENDERS} more")
    assert last < first + 60
