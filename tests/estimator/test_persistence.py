"""Saved models come back as they were, from plain JSON and arrays, and damage is said, not executed."""

import json
import pickle

import numpy as np
import pandas as pd
import pytest

from skrec_lite.dataset.id_map import IdMap
from skrec_lite.estimator.embedding.matrix_factorization_estimator import (
    MatrixFactorizationEstimator,
    MFAlgorithm,
    MFOutcomeType,
)
from skrec_lite.estimator.persistence import State, load_estimator, pack_ids, unpack_ids
from skrec_lite.exceptions import InvalidDataError
from tests.estimator.embedding_conformance import taste_data

ODD_IDS = [
    "a\x00",
    "a",
    "",
    "007",
    "7",
    " x",
    "x ",
    "x",
    "🦊",
    "é",
    "e\u0301",
    "line\nbreak",
    "\x00",
]


@pytest.fixture
def fitted():
    estimator = MatrixFactorizationEstimator(
        n_factors=3, epochs=3, algorithm=MFAlgorithm.ALS, outcome_type=MFOutcomeType.ORDINAL,
        ordinal_min=1, ordinal_max=5, random_state=0,
    )  # fmt: skip
    estimator.fit_embedding_model(None, None, taste_data())
    return estimator


def edit(folder, **changes):
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def same(one, other, data):
    np.testing.assert_array_equal(
        one.predict_proba_with_embeddings(data), other.predict_proba_with_embeddings(data)
    )


@pytest.mark.parametrize(
    "parameters",
    [
        {"outcome_weight": 0.5, "frequency_scaling": 0.5},
        {"unobserved_weight": 0.1},
        {"algorithm": MFAlgorithm.ALS},
        {"algorithm": "sgd", "outcome_type": MFOutcomeType.BINARY},
    ],
)
def test_factorizations_come_back_bit_by_bit(tmp_path, parameters):
    data = taste_data(outcome="binary")
    items = pd.DataFrame({"ITEM_ID": [*data["ITEM_ID"].unique(), "cold"]})
    estimator = MatrixFactorizationEstimator(n_factors=4, epochs=4, random_state=0, **parameters)
    estimator.fit_embedding_model(None, items, data)
    loaded = MatrixFactorizationEstimator.load(estimator.save(tmp_path / "new" / "model"))
    assert loaded.get_params() == estimator.get_params()
    assert (loaded.losses_, loaded.unobserved_weight_) == (estimator.losses_, estimator.unobserved_weight_)
    assert (loaded.users, loaded.items) == (estimator.users, estimator.items)
    rows = np.arange(-1, len(estimator.users), dtype=np.int32)
    np.testing.assert_array_equal(loaded.score_matrix(rows), estimator.score_matrix(rows))
    same(loaded, estimator, data)
    for mine, theirs in zip(loaded.user_vectors_of(data), estimator.user_vectors_of(data), strict=True):
        assert np.array_equal(getattr(mine, "ids", mine), getattr(theirs, "ids", theirs))


def test_a_loaded_model_can_be_saved_and_fitted_again(tmp_path, fitted):
    loaded = load_estimator(fitted.save(tmp_path))
    same(load_estimator(loaded.save(tmp_path)), fitted, taste_data())
    # On other data, so that a fit which does nothing is found out.
    other = taste_data(seed=1)
    loaded.fit_embedding_model(None, None, other)
    fresh = MatrixFactorizationEstimator(**fitted.get_params())
    fresh.fit_embedding_model(None, None, other)
    same(loaded, fresh, other)
    known = other.head(20)
    before = fitted.predict_proba_with_embeddings(known)
    assert np.abs(loaded.predict_proba_with_embeddings(known) - before).max() > 0.01


def test_no_id_is_altered(tmp_path):
    ids = IdMap(ODD_IDS)
    assert list(unpack_ids("u", pack_ids("u", ids)).ids) == ODD_IDS
    assert len(unpack_ids("u", pack_ids("u", IdMap([])))) == 0
    frame = pd.DataFrame({"USER_ID": ODD_IDS, "ITEM_ID": ODD_IDS[::-1]})
    estimator = MatrixFactorizationEstimator(n_factors=2, epochs=2, random_state=0)
    estimator.fit_embedding_model(None, None, frame)
    loaded = load_estimator(estimator.save(tmp_path))
    assert list(loaded.users.ids) == sorted(ODD_IDS)
    same(loaded, estimator, frame)


def test_the_manifest_is_plain_json_and_nothing_is_pickled(tmp_path, fitted):
    fitted.save(tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["class"] == "MatrixFactorizationEstimator"
    assert manifest["params"]["algorithm"] == "als"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["arrays.npz", "manifest.json"]
    with np.load(tmp_path / "arrays.npz", allow_pickle=False) as stored:
        assert all(stored[name].dtype != object for name in stored.files)
        assert "allow_pickle" not in stored.files


def test_a_pickle_in_place_of_an_array_is_refused_not_run(tmp_path, fitted):
    fitted.save(tmp_path)

    class Bomb:
        def __reduce__(self):
            return (tmp_path / "ran").touch, ()

    np.savez(tmp_path / "arrays.npz", user_vectors=np.array([Bomb()], dtype=object))
    with pytest.raises(InvalidDataError, match="damaged"):
        load_estimator(tmp_path)
    (tmp_path / "arrays.npz").write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(InvalidDataError, match="damaged"):
        load_estimator(tmp_path)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"x"', '{"format": 1}', "\x00"])
def test_a_damaged_manifest_is_said(tmp_path, fitted, text):
    (fitted.save(tmp_path) / "manifest.json").write_text(text)
    with pytest.raises(InvalidDataError, match=r"manifest\.json is missing or damaged"):
        load_estimator(tmp_path)


def test_a_folder_without_a_model_is_said(tmp_path):
    for folder in (tmp_path, tmp_path / "absent"):
        with pytest.raises(InvalidDataError, match="holds no saved model"):
            load_estimator(folder)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"class": "MatrixFactorisationEstimator"}, "Did you mean 'MatrixFactorizationEstimator'"),
        ({"class": "Popen"}, "no estimator of this library"),
        ({"class": ["MatrixFactorizationEstimator"]}, "damaged"),
        ({"format": 2}, "format 2"),
        ({"files": ["../secret"]}, "outside"),
        ({"files": ["/etc/hostname"]}, "outside"),
        ({"files": ["..\\secret"]}, "outside"),
        ({"files": [".."]}, "outside"),
        ({"files": [""]}, "outside|damaged"),
        ({"files": [7]}, "outside"),
        ({"files": "arrays.npz"}, "damaged"),
        ({"files": ["absent.json"]}, "incomplete"),
        ({"params": {"n_factor": 3}}, "n_factor"),
        ({"params": {"algorithm": "nope"}}, "algorithm"),
        ({"facts": {}}, "KeyError"),
    ],
)
def test_a_manifest_that_was_tampered_with_is_refused(tmp_path, fitted, changes, message):
    edit(fitted.save(tmp_path), **changes)
    with pytest.raises(InvalidDataError, match=message):
        load_estimator(tmp_path)


def test_missing_truncated_or_foreign_arrays_are_refused(tmp_path, fitted):
    path = fitted.save(tmp_path) / "arrays.npz"
    whole = path.read_bytes()
    for content in (whole[: len(whole) // 2], b"", b"no archive"):
        path.write_bytes(content)
        with pytest.raises(InvalidDataError, match="damaged"):
            load_estimator(tmp_path)
    np.savez(path, something=np.zeros(3))
    with pytest.raises(InvalidDataError, match="does not make"):
        load_estimator(tmp_path)
    path.unlink()
    with pytest.raises(InvalidDataError, match="incomplete"):
        load_estimator(tmp_path)


def test_arrays_that_do_not_belong_together_are_refused(tmp_path, fitted):
    """Else scores would be read past the end of a table, or of the wrong item."""
    path = fitted.save(tmp_path) / "arrays.npz"
    with np.load(path) as stored:
        arrays = dict(stored)
    for name, wrong in (
        ("item_vectors", arrays["item_vectors"][:5]),
        ("user_vectors", arrays["user_vectors"][:, :2]),
        ("user_vectors", arrays["user_vectors"].astype(float)),
        ("item_vectors", np.asfortranarray(arrays["item_vectors"]) * np.nan),
        ("learned", arrays["learned"][:3]),
        ("users_ends", arrays["users_ends"][:-1]),
    ):
        np.savez(path, **{**arrays, name: wrong})
        with pytest.raises(InvalidDataError, match="does not make"):
            load_estimator(tmp_path)


def test_a_class_loads_only_its_own(tmp_path, fitted):
    class Another(MatrixFactorizationEstimator):
        pass

    with pytest.raises(InvalidDataError, match="MatrixFactorizationEstimator, not a Another"):
        Another.load(fitted.save(tmp_path))


def test_an_unfitted_model_is_not_saved(tmp_path):
    with pytest.raises(RuntimeError, match="fit"):
        MatrixFactorizationEstimator().save(tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_a_parameter_that_json_cannot_hold_is_refused_and_nothing_is_written(tmp_path, fitted):
    fitted.set_params(random_state=np.random.default_rng(0))
    with pytest.raises(ValueError, match="Parameters must be numbers"):
        fitted.save(tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_a_save_that_breaks_off_leaves_no_folder_that_looks_complete(tmp_path, fitted, monkeypatch):
    fitted.save(tmp_path)
    monkeypatch.setattr(np, "savez", lambda *_, **__: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        fitted.save(tmp_path)
    with pytest.raises(InvalidDataError, match="holds no saved model"):
        load_estimator(tmp_path)


def test_an_engines_files_come_back_as_bytes(tmp_path, fitted, monkeypatch):
    kept = {}
    own, state = MatrixFactorizationEstimator._restore, fitted._state()
    with_file = State(state.facts, state.arrays, {"trees.bin": b"\x00\xff"})
    monkeypatch.setattr(MatrixFactorizationEstimator, "_state", lambda self: with_file)
    monkeypatch.setattr(
        MatrixFactorizationEstimator,
        "_restore",
        lambda self, state: (kept.update(state.files), own(self, state))[1],
    )
    load_estimator(fitted.save(tmp_path))
    assert kept == {"trees.bin": b"\x00\xff"}
