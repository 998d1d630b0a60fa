"""Save models and read them back: a manifest in JSON, arrays as ``.npz``; nothing is ever unpickled."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path, PureWindowsPath
from typing import Any, Self
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from skrec_lite.dataset.id_map import IdMap
from skrec_lite.estimator.parameters import Parametrized
from skrec_lite.exceptions import InvalidDataError, InvalidParameterError, nearest_name_hint

FORMAT = 1
_MANIFEST, _ARRAYS = "manifest.json", "arrays.npz"

#: Where each class that a manifest may name lives. A manifest can name nothing else.
_HOMES = {
    "MatrixFactorizationEstimator": "skrec_lite.estimator.embedding.matrix_factorization_estimator",
    "NCFEstimator": "skrec_lite.estimator.embedding.ncf_estimator",
    "ContextualizedTwoTowerEstimator": "skrec_lite.estimator.embedding.contextualized_two_tower_estimator",
    "XGBClassifierEstimator": "skrec_lite.estimator.classification.xgb_classifier",
    "LightGBMClassifierEstimator": "skrec_lite.estimator.classification.lightgbm_classifier",
    "SklearnEstimator": "skrec_lite.estimator.classification.sklearn_estimator",
}


@dataclass(frozen=True, eq=False)
class State:
    """What a fitted model consists of.

    Attributes
    ----------
    facts : mapping
        Plain values that JSON can hold.
    arrays : mapping of str to ndarray
        Numbers; no object arrays.
    files : mapping of str to bytes
        An engine's own format, by file name.
    """

    facts: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)


class Persistent(Parametrized):
    """A model that saves itself to a folder; a subclass writes `_state` and `_restore`."""

    def save(self, folder: str | Path) -> Path:
        """Write the fitted model into `folder`, which is made if it is not there; return it.

        ``manifest.json`` names the class, its parameters and all files; ``arrays.npz`` holds the
        numbers; tree engines add a file in their own format.

        Raises
        ------
        RuntimeError
            Before the fit.
        ValueError
            If a parameter is not a plain value, so that JSON cannot hold it.
        """
        state = self._state()
        manifest = {
            "format": FORMAT,
            "class": type(self).__name__,
            "params": self._plain_params(),
            "facts": dict(state.facts),
            "files": sorted(state.files),
        }
        try:
            text = json.dumps(manifest, indent=1)
        except TypeError as error:
            raise InvalidParameterError(
                f"This {type(self).__name__} cannot be saved: {error}. Parameters must be numbers, texts, "
                "lists or dicts of these."
            ) from None
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        (target / _MANIFEST).unlink(missing_ok=True)
        for name, content in state.files.items():
            (target / name).write_bytes(content)
        np.savez(target / _ARRAYS, allow_pickle=False, **dict(state.arrays))
        # Last, and an earlier one first removed: a folder with a manifest is complete.
        (target / _MANIFEST).write_text(text + "\n", encoding="utf-8")
        return target

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """Read what `save` wrote.

        Raises
        ------
        ValueError
            If the folder holds no model, or one of another class.
        """
        model = load_estimator(folder)
        if not isinstance(model, cls):
            raise InvalidDataError(
                f"{folder} holds a {type(model).__name__}, not a {cls.__name__}.",
                repair=f"Use {type(model).__name__}.load or load_estimator.",
            )
        return model

    def _plain_params(self) -> dict[str, Any]:
        """Return the parameters as the manifest keeps them."""
        return self.get_params()

    @classmethod
    def _unfitted(cls, params: Mapping[str, Any]) -> Self:
        """Return a model with the manifest's parameters, for `_restore` to fill."""
        return cls(**params)

    def _state(self) -> State:
        """Return what the fitted model consists of."""
        raise InvalidParameterError(f"{type(self).__name__} cannot be saved.")

    def _restore(self, state: State) -> None:
        """Take over what `_state` returned."""
        raise InvalidParameterError(f"{type(self).__name__} cannot be loaded.")


def load_estimator(folder: str | Path) -> Any:
    """Read a saved estimator of whatever class from its folder.

    Raises
    ------
    ValueError
        If there is no manifest or it is damaged, of another format, names a class that is none of ours
        or a file outside the folder; or if the arrays are damaged or not those of the class.
    """
    source = Path(folder)
    manifest = _read_manifest(source)
    name = manifest["class"]
    try:
        with np.load(source / _ARRAYS, allow_pickle=False) as stored:
            arrays = {key: stored[key] for key in stored.files}
        content = {file: (source / file).read_bytes() for file in manifest["files"]}
    except (OSError, ValueError, TypeError, EOFError, BadZipFile) as error:
        raise InvalidDataError(
            f"{source}: the saved model is incomplete or damaged ({error}).", repair="Save it again."
        ) from None
    kind = getattr(import_module(_HOMES[name]), name)
    try:
        model = kind._unfitted(manifest["params"])
        model._restore(State(manifest["facts"], arrays, content))
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise InvalidDataError(
            f"{source}: what was saved does not make a {name} ({type(error).__name__}: {error}).",
            repair="Save it again.",
        ) from error
    return model


def _read_manifest(source: Path) -> dict[str, Any]:
    """Return the manifest in a folder, its entries of the right types, its class known, its files inside."""
    try:
        manifest = json.loads((source / _MANIFEST).read_text(encoding="utf-8"))
        types = {"class": str, "params": dict, "facts": dict, "files": list}
        if not all(isinstance(manifest[key], kind) for key, kind in types.items()):
            raise TypeError
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidDataError(
            f"{source} holds no saved model: its {_MANIFEST} is missing or damaged ({type(error).__name__}).",
            repair="Give the folder that save() wrote.",
        ) from None
    if manifest.get("format") != FORMAT:
        raise InvalidDataError(
            f"{source} is of format {manifest.get('format')!r}; this version reads {FORMAT}.",
            repair="Update skrec_lite, or train the model again.",
        )
    name = manifest["class"]
    if name not in _HOMES:
        raise InvalidDataError(
            f"{source} names the class {name!r}, which is no estimator of this library."
            f"{nearest_name_hint(name, _HOMES)}"
        )
    if not all(map(_is_plain_file_name, manifest["files"])):
        raise InvalidDataError(f"{source}: the manifest names files outside its folder.")
    return dict(manifest)


def _is_plain_file_name(file: object) -> bool:
    # Windows knows both separators and drives: the folder may have come from, or go to, another system.
    return isinstance(file, str) and file != ".." and PureWindowsPath(file).name == file


def pack_ids(name: str, ids: IdMap) -> dict[str, NDArray[Any]]:
    """Return the ids as two plain arrays: UTF-8 bytes and where each id ends.

    Fixed-width text arrays would lose trailing NUL characters, and no id is ever altered.
    """
    encoded = [text.encode("utf-8", "surrogatepass") for text in ids.ids]
    ends = np.cumsum([len(part) for part in encoded], dtype=np.int64)
    return {f"{name}_bytes": np.frombuffer(b"".join(encoded), dtype=np.uint8), f"{name}_ends": ends}


def unpack_ids(name: str, arrays: Mapping[str, NDArray[Any]]) -> IdMap:
    """Return the ids that `pack_ids` packed under this name."""
    content, ends = arrays[f"{name}_bytes"].tobytes(), arrays[f"{name}_ends"]
    starts: Iterable[int] = np.append(0, ends)[:-1]
    texts = [
        content[start:end].decode("utf-8", "surrogatepass") for start, end in zip(starts, ends, strict=True)
    ]
    ids = np.empty(len(texts), dtype=object)
    ids[:] = texts
    return IdMap(ids)
