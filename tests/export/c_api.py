"""Runs a SavedModel through TensorFlow's C API, whose loader is TensorFlow Serving's: no Python of TensorFlow at all.

  python tests/export/c_api.py LIBRARY_FOLDER SAVED_MODEL INPUTS.npz OUTPUTS.npz

The inputs' names are graph tensors ("serving_default_images:0"); what is fetched is listed under "fetch".
"""

from __future__ import annotations

import ctypes
import glob
import sys

import numpy as np

KINDS = {1: np.float32, 3: np.int32, 4: np.uint8}
"""NumPy types by the number of a TF_DataType."""


class Output(ctypes.Structure):
    """TF_Output: an operation and the index of its result."""

    _fields_ = [("operation", ctypes.c_void_p), ("index", ctypes.c_int)]


def load_library(folder: str) -> ctypes.CDLL:
    """The C API of the TensorFlow wheel in `folder`."""
    for name in ("libtensorflow_framework.so*", "libtensorflow_cc.so*"):
        library = ctypes.CDLL(sorted(glob.glob(f"{folder}/{name}"))[0], mode=ctypes.RTLD_GLOBAL)
    pointers = (
        "TF_NewStatus",
        "TF_NewGraph",
        "TF_NewSessionOptions",
        "TF_GraphOperationByName",
        "TF_AllocateTensor",
        "TF_TensorData",
        "TF_LoadSessionFromSavedModel",
        "TF_Message",
    )
    for name in pointers:
        getattr(library, name).restype = ctypes.c_void_p
    library.TF_Dim.restype = ctypes.c_int64
    return library


class Session:
    """A loaded SavedModel."""

    def __init__(self, library: ctypes.CDLL, folder: str):
        self._c, self._status = library, ctypes.c_void_p(library.TF_NewStatus())
        self._graph = ctypes.c_void_p(library.TF_NewGraph())
        tags = (ctypes.c_char_p * 1)(b"serve")
        options = ctypes.c_void_p(library.TF_NewSessionOptions())
        self._session = ctypes.c_void_p(
            library.TF_LoadSessionFromSavedModel(
                options, None, folder.encode(), tags, 1, self._graph, None, self._status
            )
        )
        self._check()

    def run(self, feeds: dict[str, np.ndarray], fetches: list[str]) -> list[np.ndarray]:
        """The values of some tensors, by names such as "a:0"."""
        inputs = (Output * len(feeds))(*map(self._output, feeds))
        given = (ctypes.c_void_p * len(feeds))(*map(self._tensor, feeds.values()))
        outputs = (Output * len(fetches))(*map(self._output, fetches))
        results = (ctypes.c_void_p * len(fetches))()
        self._c.TF_SessionRun(
            self._session, None, inputs, given, len(feeds), outputs, results, len(fetches), None, 0, None, self._status
        )
        self._check()
        return [self._array(ctypes.c_void_p(result)) for result in results]

    def _output(self, name: str) -> Output:
        operation, _, index = name.partition(":")
        found = self._c.TF_GraphOperationByName(self._graph, operation.encode())
        assert found, f"no operation {operation}"
        return Output(found, int(index))

    def _tensor(self, array: np.ndarray) -> int:
        [kind] = [number for number, known in KINDS.items() if array.dtype == known]
        shape = (ctypes.c_int64 * array.ndim)(*array.shape)
        tensor = self._c.TF_AllocateTensor(kind, shape, array.ndim, ctypes.c_size_t(array.nbytes))
        data = self._c.TF_TensorData(ctypes.c_void_p(tensor))
        ctypes.memmove(data, np.ascontiguousarray(array).ctypes.data, array.nbytes)
        return tensor

    def _array(self, tensor: ctypes.c_void_p) -> np.ndarray:
        kind = KINDS[self._c.TF_TensorType(tensor)]
        shape = [self._c.TF_Dim(tensor, i) for i in range(self._c.TF_NumDims(tensor))]
        size = int(np.prod(shape)) * np.dtype(kind).itemsize
        data = ctypes.string_at(self._c.TF_TensorData(tensor), size)
        return np.frombuffer(data, kind).reshape(shape)

    def _check(self) -> None:
        if self._c.TF_GetCode(self._status):
            raise RuntimeError(ctypes.string_at(self._c.TF_Message(self._status)).decode())


def main(folder: str, model: str, inputs: str, outputs: str) -> None:
    """Feeds what is in `inputs`, stores what "fetch" names."""
    feeds = dict(np.load(inputs))
    fetches = feeds.pop("fetch").tolist()
    found = Session(load_library(folder), model).run(feeds, fetches)
    assert not [name for name in sys.modules if name.split(".")[0] in ("tensorflow", "mgpe_tf")]
    np.savez(outputs, **dict(zip(fetches, found)))


if __name__ == "__main__":
    main(*sys.argv[1:])
