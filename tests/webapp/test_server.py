"""The page's server and its HTTP API as another program meets them, on a port of this computer."""

from __future__ import annotations

import http.client
import json
import os
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from drawn_studio import draw, drawn_editor, drawn_studio
from ports import free_port
from small import SIZE, face_mask

from mgpe_tf.data.images import encode_png, read_image, read_label
from mgpe_tf.provenance.verification import verify

pytest.importorskip("gradio")
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from mgpe_tf.webapp import EXAMPLES, server

MASK = face_mask()


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    return [draw(folder / f"{name}.png", seed) for seed, name in enumerate(("ann", "bob"))]


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A studio and its address."""
    tmp_path_factory.getbasetemp()  # made before all temporary files go to the private folder
    with server.private_folder() as folder:
        studio = drawn_studio(drawn_editor(), folder, max_sessions=3, max_megabytes=1)
        with server.serving(studio, "127.0.0.1", free_port(), sorted(EXAMPLES.glob("*.jpg"))) as address:
            yield studio, address


@pytest.fixture
def client(served, tmp_path):
    return Client(served[1], verbose=False, download_files=tmp_path, analytics_enabled=False)


def opened(client, photo):
    found = client.predict(handle_file(photo), 0, True, api_name="/open")
    return found["session"], found


def test_an_edit_by_another_program(client, photos, tmp_path):
    session, found = opened(client, photos[0])
    assert (found["face"], found["faces"]) == (1, [1]) and read_label(found["mask"]).shape == (SIZE, SIZE)
    mask = tmp_path / "mask.png"
    mask.write_bytes(encode_png(MASK))
    np.testing.assert_array_equal(read_label(client.predict(session, handle_file(mask), api_name="/set_mask")), MASK)
    shaped = read_label(client.predict(session, {"eye_size": 0.8}, api_name="/shape"))
    assert (shaped != MASK).any()
    client.predict(session, handle_file(photos[1]), True, api_name="/open_source")
    client.predict(session, ["hair"], 0.7, api_name="/take")
    files = client.predict(session, "png", "feather", api_name="/render")
    assert set(files) == {"picture", "mask", "preview", "recipe", "notices"}
    assert verify(files["picture"], photos).ok
    np.testing.assert_array_equal(read_label(files["mask"]), shaped)
    picture = read_image(files["picture"])

    again, _ = opened(client, photos[0])
    client.predict(again, handle_file(photos[1]), True, api_name="/open_source")
    client.predict(again, handle_file(files["recipe"]), api_name="/load_recipe")
    np.testing.assert_array_equal(read_image(client.predict(again, api_name="/render")["picture"]), picture)
    several = [handle_file(path) for path in (*photos, files["recipe"])]
    variety = client.predict(again, several, True, api_name="/variety")
    assert read_image(variety["picture"]).shape == (SIZE, 2 * SIZE, 3)
    assert len(variety["left_out"]) == 1 and variety["left_out"][0].startswith("ann_edited.png.recipe.json: ")
    for key in (session, again):
        client.predict(key, api_name="/close")
    with pytest.raises(AppError, match="no photograph is open"):
        client.predict(session, "png", api_name="/render")


def test_every_endpoint_is_described(client):
    described = client.view_api(return_format="dict")["named_endpoints"]
    assert len(described) == 18 and all(each["description"] for each in described.values())


def test_mistakes_are_said(client, photos, tmp_path):
    session, _ = opened(client, photos[0])
    for name, arguments, words in (
        ("take", (session, ["hair"]), "no second photograph is open"),
        ("replace", (session, "hair"), "no second photograph is open"),
        ("keep", (session, 2), "tone: 2; allowed: a number from 0 to 1"),
        ("dye", (session, "red"), "colour: 'red'; allowed: a colour as #rrggbb"),
        ("carry", (session, 2), "amount: 2; allowed: a number from 0 to 1"),
        ("shape", (session, {"nose": 1}), "edit 'nose' is unknown"),
        ("shape", (session, {"smile": "x"}), "smile is 'x'"),
        ("reset_mask", (session, "hiar"), "did you mean 'hair'"),
        ("render", (session, "tiff"), "allowed endings: .png"),
        ("open", ({"path": "/etc/passwd"},), "allowed: a file"),
        ("load_recipe", (session, handle_file(photos[1])), "bob.png: no recipe in it"),
    ):
        with pytest.raises(AppError, match=words):
            client.predict(*arguments, api_name=f"/{name}")
    client.predict(session, api_name="/close")


HUNG_UP = "the server ended the connection while it was sent something"


def ask(address, path, body):
    """Posts JSON, or bytes and their iterators as they are; returns the status and the answer."""
    data = json.dumps(body).encode() if isinstance(body, dict) else body
    request = urllib.request.Request(address + path, data, {"content-type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except urllib.error.URLError as error:
        if not isinstance(error.reason, ConnectionError):
            raise
        return HUNG_UP, ""


def result(address, endpoint, *data):
    """What an endpoint answers to raw data, without what Gradio's client does to it."""
    event = json.loads(ask(address, f"gradio_api/call/{endpoint}", {"data": list(data)})[1])["event_id"]
    with urllib.request.urlopen(f"{address}gradio_api/call/{endpoint}/{event}", timeout=30) as answer:
        return answer.read().decode()


@pytest.mark.parametrize(
    "path", ["http://127.0.0.1:1/a.png", "https://example.invalid/a.png", "/etc/hostname", "file:///etc/hostname"]
)
def test_files_of_others_are_not_fetched(served, path):
    meta, before = {"_type": "gradio.FileData"}, len(served[0].store)
    answer = result(served[1], "open", {"path": path, "meta": meta}, 0, True)
    assert answer.startswith("event: error") and "complete" not in answer
    assert len(served[0].store) == before


def test_requests_that_are_too_large(served):
    address = served[1]
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(address).netloc, timeout=30)
    connection.request("POST", "/gradio_api/call/open", headers={"content-length": str(3 * 2**20)})
    assert connection.getresponse().status == 413
    chunks = iter([b" " * 2**20] * 3)  # which announce no length
    assert ask(address, "gradio_api/call/open", chunks)[0] in (400, 500, HUNG_UP)
    assert ask(address, "gradio_api/call/close", {"data": ["nobody"]})[0] == 200


def test_nothing_is_told_to_anybody(served):
    """No analytics, no history of runs, no monitoring; scripts, styles and fonts come from this server alone."""
    with urllib.request.urlopen(served[1], timeout=30) as answer:
        page = answer.read().decode()
    config = json.loads(page.split("window.gradio_config = ", 1)[1].split(";</script>", 1)[0])
    assert config["analytics_enabled"] is False and config["run_history"] is False
    with urllib.request.urlopen(served[1] + "theme.css", timeout=30) as answer:
        style = answer.read().decode()
    assert "googleapis" not in page + style and "@import" not in style and "https://" not in style


def test_all_files_lie_in_a_folder_that_is_deleted():
    before = tempfile.gettempdir()
    with server.private_folder() as folder:
        assert folder.stat().st_mode & 0o777 == 0o700 and os.environ["GRADIO_TEMP_DIR"] == str(folder)
        Path(tempfile.mkdtemp()).joinpath("photo").write_bytes(b"x")
        assert len(list(folder.iterdir())) == 1
    assert not folder.exists() and tempfile.gettempdir() == before and os.environ["GRADIO_TEMP_DIR"] != str(folder)


def test_what_gradio_writes_lies_there_too(served, client, photos):
    session, _ = opened(client, photos[0])
    folder = Path(os.environ["GRADIO_TEMP_DIR"])
    assert any(path.name == "ann.png" for path in folder.rglob("*"))
    kept = served[0].store.get(session).folder
    assert kept.parent == folder
    client.predict(session, api_name="/close")
    assert not kept.exists()
    sources = Path(server.__file__).parent
    assert not list(sources.glob("*.pyi"))  # Gradio writes such files beside components that are subclassed


def stream(address, path):
    """An open connection on which the server tells what happens, as it does a page."""
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(address).netloc, timeout=30)
    connection.request("GET", f"/gradio_api/{path}")
    return connection.getresponse()


@pytest.mark.filterwarnings("ignore")  # Gradio counts requests that failed by what pandas calls deprecated
def test_a_page_that_is_closed_while_it_draws_leaves_no_traceback(served, client, photos, capfd):
    studio, address = served
    with urllib.request.urlopen(f"{address}config", timeout=30) as answer:
        config = json.load(answer)
    props = {each["id"]: each["props"] for each in config["components"]}

    def begin(event, session="tab", **part):
        """Does as a browser does when a part of the page has an event; gives what is told of it."""
        ids = {key for key, each in props.items() if part.items() <= each.items()}
        found = next(
            each for each in config["dependencies"] if any(t in ids and e == event for t, e in each["targets"])
        )
        data = [values.get(each, props[each].get("value")) for each in found["inputs"]]
        ask(address, "gradio_api/queue/join", {"data": data, "fn_index": found["id"], "session_hash": session})
        return stream(address, f"queue/data?session_hash={session}")

    values = {
        key: True
        for key, each in props.items()
        if each.get("label") == "It is an aligned portrait already: look for no face"
    }
    photo = next(key for key, each in props.items() if each.get("elem_id") == "photo")
    values[photo] = {"path": upload(address, photos[0]), "meta": {"_type": "gradio.FileData"}}
    alive = stream(address, "heartbeat/tab")
    with begin("input", elem_id="photo") as told:
        assert b'"success":true' in told.read() and "tab" in studio.store
    capfd.readouterr()
    with studio._lock:  # another user's edit is drawn, so this one's has to wait
        told = begin("input", label="Border of the edit")
        wait_until(lambda: b"process_starts" in told.readline())
        time.sleep(0.5)
        told.close()
        alive.close()
        wait_until(lambda: "tab" not in studio.store)
    opened(client, photos[1])
    assert capfd.readouterr().err == ""


def upload(address, path):
    """The path of a file that was sent to the server."""
    border = "border"
    head = f'--{border}\r\nContent-Disposition: form-data; name="files"; filename="{path.name}"\r\n\r\n'
    body = head.encode() + path.read_bytes() + f"\r\n--{border}--\r\n".encode()
    kind = {"content-type": f"multipart/form-data; boundary={border}"}
    with urllib.request.urlopen(
        urllib.request.Request(f"{address}gradio_api/upload", body, kind), timeout=30
    ) as answer:
        return json.load(answer)[0]


def wait_until(happened):
    end = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.01)
