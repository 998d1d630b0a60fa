"""A comparison as a script for scikit-rec, with its data beside it, where scikit-rec can do the same."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterable
from typing import Final

import numpy as np
import pandas as pd

from skrec_lite.constants import ITEM_ID_NAME, LABEL_NAME, USER_ID_NAME
from skrec_lite.exceptions import InvalidParameterError
from skrec_lite.experiment.choices.estimator_specs import estimator_spec
from skrec_lite.experiment.report.scikit_rec_matches import (
    MATCHES,
    estimator_refusal,
    retriever_code,
    retriever_refusal,
    values_of,
)
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.zipped import zipped

#: Users measured in the script at most: scikit-rec ranks one after the other.
MAX_USERS: Final = 300
SCRIPT_NAME: Final = "compare_scikit_rec.py"
REQUIREMENTS: Final = "scikit-rec[torch]==0.4.2\nnumpy==1.26.4\npandas==2.3.3\nxgboost==3.2.0\n"
_MORE_REQUIREMENTS: Final = {"lightgbm": "lightgbm==4.7.0\n"}

_WIDTH: Final = 100
_ALWAYS: Final = (
    "It never withholds what a user already has. Here those items are dropped from the ranked pool "
    "afterwards, so that fewer candidates are left than in skrec_lite.",
    "It ranks user by user in Python, so that no more than {users} users are measured; the figures of "
    "skrec_lite beside them are those of the same users.",
)
_HEAD: Final = '''\
"""A comparison of retrievers made with skrec_lite, again in scikit-rec 0.4.2 (import skrec).

    python3.11 -m venv .venv
    .venv/bin/pip install -r requirements.txt
    .venv/bin/python compare_scikit_rec.py

It reads the files beside it: the interactions that skrec_lite trained on, the items and users as numeric
features where there are any, and what was held out. It needs an environment of its own (numpy below 2).

What scikit-rec does otherwise:

{differs}{left_out}
"""
'''
_BODY: Final = """\
train = pd.read_parquet(HERE / "train.parquet")
held_out = pd.read_parquet(HERE / "held_out.parquet")
asked = pd.DataFrame({{USER_ID_NAME: held_out[USER_ID_NAME].unique()}})

{training}
recommender = RankingRecommender(scorer=UniversalScorer(estimator={estimator}))
recommender.train({given})

seen = train.groupby(USER_ID_NAME)[ITEM_ID_NAME].agg(set).to_dict() if EXCLUDE_SEEN else {{}}
wanted = held_out.groupby(USER_ID_NAME)[ITEM_ID_NAME].agg(set).to_dict()
retrievers = {{
{retrievers}}}
for key, retriever in retrievers.items():
    # Built on what happened, not on the labelled pairs: scikit-rec would count a label of 0 as popularity.
    retriever.build_index(estimator=recommender.scorer.estimator, interactions=train{items_built})
    recommender.retriever = retriever
    started = time.perf_counter()
    ranked = recommender.recommend(interactions=asked{users_asked}, top_k=POOL)
    seconds = time.perf_counter() - started
    recalls = []
    for user, pool in zip(asked[USER_ID_NAME], ranked):
        shown = [item for item in pool if item not in seen.get(user, ())][:N]
        recalls.append(len(wanted[user].intersection(shown)) / len(wanted[user]))
    print(
        f"{{key}}: recall@{{N}} of the final list {{sum(recalls) / len(recalls):.4f}} here, "
        f"{{SKREC_LITE[key]:.4f}} in skrec_lite; {{1000 * seconds / len(asked):.1f}} ms a user"
    )
"""
_LABELLED: Final = """\
catalogue = {catalogue}
rng = np.random.default_rng(SEED)
known = set(zip(train[USER_ID_NAME], train[ITEM_ID_NAME]))
drawn = pd.DataFrame(
    {
        USER_ID_NAME: np.repeat(train[USER_ID_NAME].to_numpy(), 4),
        ITEM_ID_NAME: rng.choice(catalogue, 4 * len(train)),
    }
)
is_new = [pair not in known for pair in zip(drawn[USER_ID_NAME], drawn[ITEM_ID_NAME])]
labelled = pd.concat([train.assign(OUTCOME=1.0), drawn[is_new].assign(OUTCOME=0.0)], ignore_index=True)
labelled.to_parquet(HERE / "labelled.parquet", index=False)
"""


def scikit_rec_refusal(result: ExperimentResult) -> str:
    """Return why scikit-rec cannot do a comparison, with what to choose instead; empty where it can.

    Parameters
    ----------
    result : ExperimentResult
    """
    if reason := estimator_refusal(result.config):
        return reason
    if not set(retriever_code(result.config)) & set(result.runs):
        left = [key for key in result.config.retrievers if key in result.runs]
        reasons = "; ".join(f"{key}: {retriever_refusal(result.config, key)}" for key in left)
        return f"scikit-rec can use none of the retrievers of this comparison ({reasons})."
    has_features = result.data.features is not None or result.data.user_features is not None
    if not estimator_spec(result.config.estimator).has_embeddings and not has_features:
        return "scikit-rec's estimator learns from the features of items or users, and this data has none."
    return ""


def scikit_rec_script(result: ExperimentResult) -> str:
    """Return a Python script that makes a comparison with scikit-rec, on the files of `scikit_rec_files`.

    Raises
    ------
    InvalidParameterError
        Where scikit-rec cannot do the same: see `scikit_rec_refusal`.
    """
    if reason := scikit_rec_refusal(result):
        raise InvalidParameterError(reason)
    config = result.config
    match = MATCHES[config.estimator]
    codes = {key: code for key, code in retriever_code(config).items() if key in result.runs}
    has_items, has_users = _item_features(result) is not None, _user_features(result) is not None
    rows = measured_rows(result)
    recalls = {key: float(result.runs[key].ranked.per_user["recall"][rows].mean()) for key in codes}
    body = _BODY.format(
        training=_training(match.is_labelled, has_items, has_users),
        estimator=match.code(values_of(config), config.seed),
        given=", ".join(_given(has_items, has_users)),
        retrievers="".join(f"    {key!r}: {code},\n" for key, code in codes.items()),
        items_built=", items=items" if has_items else "",
        users_asked=", users=users[users[USER_ID_NAME].isin(asked[USER_ID_NAME])]" if has_users else "",
    )
    constants = (
        f"NAME = {result.data.name!r}\nPOOL = {min(config.top_k, len(result.items))!r}\nN = {config.n!r}\n"
        f"SEED = {config.seed!r}\nEXCLUDE_SEEN = {config.exclude_seen!r}\n"
        f"# Recall of the final lists that skrec_lite made for the same {len(rows):,} users.\n"
        f"SKREC_LITE = {recalls!r}\nHERE = Path(__file__).resolve().parent\n"
    )
    return "\n".join(
        [
            _head(result, len(rows)),
            _imports(match.imports, match.is_labelled, codes.values()),
            constants,
            body,
        ]
    )


def scikit_rec_files(result: ExperimentResult) -> dict[str, bytes]:
    """Return what the script needs beside it, and itself, by file name.

    Raises
    ------
    InvalidParameterError
        Where scikit-rec cannot do the same.
    """
    rows = measured_rows(result)
    held_out = result.split.held_out_pairs()
    held_out = held_out[held_out["row"].isin(rows)]
    users = result.user_ids[held_out["row"].to_numpy()].astype(str)
    frames = {
        # A time column would become a feature of the request there, and text columns stop it.
        "train.parquet": result.split.train[[USER_ID_NAME, ITEM_ID_NAME, LABEL_NAME]].astype(
            {USER_ID_NAME: str, ITEM_ID_NAME: str, LABEL_NAME: float}
        ),
        "held_out.parquet": pd.DataFrame(
            {USER_ID_NAME: users, ITEM_ID_NAME: held_out[ITEM_ID_NAME].astype(str)}
        ),
        "items.parquet": _item_features(result),
        "users.parquet": _user_features(result),
    }
    needed = REQUIREMENTS + _MORE_REQUIREMENTS.get(result.config.estimator, "")
    files = {SCRIPT_NAME: scikit_rec_script(result).encode(), "requirements.txt": needed.encode()}
    for name, frame in frames.items():
        if frame is not None:
            packed = io.BytesIO()
            frame.to_parquet(packed, index=False)
            files[name] = packed.getvalue()
    return files


def scikit_rec_zip(result: ExperimentResult) -> bytes:
    """Return `scikit_rec_files` as one zip archive, the same for the same comparison."""
    return zipped((f"scikit-rec/{name}", content) for name, content in scikit_rec_files(result).items())


def measured_rows(result: ExperimentResult) -> np.ndarray:
    """Return the rows of the users that the script measures, spread over all of them; int64."""
    n_users = len(result.user_ids)
    return np.unique(np.linspace(0, n_users - 1, min(n_users, MAX_USERS)).astype(np.int64))


def _item_features(result: ExperimentResult) -> pd.DataFrame | None:
    return result.data.model_items(result.split.train)


def _user_features(result: ExperimentResult) -> pd.DataFrame | None:
    # Matrix factorization reads no features, and would have to be asked with them.
    if not MATCHES[result.config.estimator].is_labelled:
        return None
    return result.data.model_users(result.split.train)


def _given(has_items: bool, has_users: bool) -> list[str]:
    given = ["interactions_ds=InteractionsDataset(str(learned))"]
    if has_items:
        given.append('items_ds=ItemsDataset(str(HERE / "items.parquet"))')
    if has_users:
        given.append('users_ds=UsersDataset(str(HERE / "users.parquet"))')
    return given


def _training(is_labelled: bool, has_items: bool, has_users: bool) -> str:
    lines = ['items = pd.read_parquet(HERE / "items.parquet")\n'] if has_items else []
    if has_users:
        lines.append('users = pd.read_parquet(HERE / "users.parquet")\n')
    if is_labelled:
        catalogue = f"{'items' if has_items else 'train'}[ITEM_ID_NAME].unique()"
        lines.append(_LABELLED.replace("{catalogue}", catalogue))
    lines.append(f'learned = HERE / "{"labelled" if is_labelled else "train"}.parquet"\n')
    return "".join(lines)


def _head(result: ExperimentResult, n_users: int) -> str:
    config = result.config
    always = [sentence.format(users=n_users) for sentence in _ALWAYS[0 if config.exclude_seen else 1 :]]
    differs = _bullets([*MATCHES[config.estimator].differs, *always])
    left = [
        f"{key}: {reason}."
        for key in config.retrievers
        if key in result.runs and (reason := retriever_refusal(config, key))
    ]
    left_out = f"\n\nRetrievers of the comparison that are left out:\n\n{_bullets(left)}" if left else ""
    return _HEAD.format(differs=differs, left_out=left_out)


def _bullets(sentences: list[str]) -> str:
    return "\n".join(
        textwrap.fill(sentence, _WIDTH, initial_indent="- ", subsequent_indent="  ") for sentence in sentences
    )


def _imports(own: tuple[str, ...], is_labelled: bool, codes: Iterable[str]) -> str:
    names = sorted(code.partition("(")[0] for code in codes)
    lines = [
        "import logging", "import time", "from pathlib import Path", "",
        "# scikit-rec logs several lines a user.",
        "logging.disable(logging.WARNING)", "", *(["import numpy as np"] if is_labelled else []),
        "import pandas as pd", "from skrec.constants import ITEM_ID_NAME, USER_ID_NAME",
        "from skrec.dataset.interactions_dataset import InteractionsDataset",
        "from skrec.dataset.items_dataset import ItemsDataset",
        "from skrec.dataset.users_dataset import UsersDataset", *own,
        "from skrec.recommender.ranking.ranking_recommender import RankingRecommender",
        f"from skrec.retriever import {', '.join(names)}",
        "from skrec.scorer.universal import UniversalScorer", "",
    ]  # fmt: skip
    return "\n".join(lines)
