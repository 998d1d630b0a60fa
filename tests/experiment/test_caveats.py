"""Each caveat is said where it is true of a run, and only there."""

from dataclasses import replace

import numpy as np
import pytest

from skrec_lite.experiment.choices.retriever_specs import RETRIEVERS
from skrec_lite.experiment.report import caveats, run_caveats
from skrec_lite.experiment.splitting.checks import Check, LeakCheck
from tests.experiment.rich_result import rich_result


def with_summary(**changes):
    rich = rich_result()
    return replace(rich, split=replace(rich.split, summary=replace(rich.split.summary, **changes)))


def with_config(**changes):
    rich = rich_result()
    return replace(rich, config=replace(rich.config, **changes))


def with_ties():
    rich = rich_result()
    run = rich.runs["content"]
    tied = np.arange(len(rich.user_ids)) < 7
    return replace(
        rich, runs=rich.runs | {"content": replace(run, ranked=replace(run.ranked, tied_at_cut=tied))}
    )


def with_embedding(**changes):
    rich = rich_result()
    return replace(rich, runs=rich.runs | {"embedding": replace(rich.runs["embedding"], **changes)})


CASES = {
    "random split": (
        lambda: with_summary(kind="random"),
        "Random (ignores time): This breaks time",
    ),
    "leave last out": (lambda: with_summary(kind="leave_last_out"), "Other users' later interactions"),
    "validation": (lambda: with_summary(part="validation"), "Measured on the validation part"),
    "no time": (lambda: with_summary(ordered_by="row order"), "The data has no time"),
    "tied in time": (lambda: with_summary(n_tied_users=3), "For 3 users the last interaction learned from"),
    "leak": (
        lambda: replace(
            rich_result(),
            split=replace(
                rich_result().split, leak_check=LeakCheck((Check("Seen pairs", "broken", "5 of 9 are."),))
            ),
        ),
        "Leak, seen pairs: 5 of 9 are.",
    ),
    "skipped": (
        lambda: replace(rich_result(), skipped={"faiss": "It is not installed."}),
        f"{RETRIEVERS['faiss'].label} did not take part: It is not installed.",
    ),
    "seen items": (lambda: with_config(exclude_seen=False), "may be recommended again"),
    "sample of the users": (
        lambda: replace(
            rich_result(), reference=replace(rich_result().reference, users=np.arange(50))
        ),
        "The full catalogue was scored for 50 of",
    ),
    "approximate space": (
        lambda: with_embedding(space="Approximate: finds 94.0 of 100."),
        "Embedding: Approximate: finds 94.0 of 100.",
    ),
    "approximate search": (lambda: with_embedding(search="Finds 97 of 100."), "Embedding: Finds 97 of 100."),
    "a ranker each": (lambda: with_embedding(ranker_seconds=1.0), "the two are not one ranker"),
    "seeds": (lambda: with_config(n_seeds=3), "over 3 seeds of training"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_caveat_is_said_where_it_is_true(case):
    make, words = CASES[case]
    assert any(words in said for said in caveats(make()))
    assert not any(words in said for said in caveats(rich_result()))


def test_ties_are_counted():
    said = " ".join(caveats(with_ties()))
    assert f"7 of {len(rich_result().user_ids)} (Content-based)" in said


def test_what_is_true_of_this_run_is_said():
    rich = rich_result()
    said = " ".join(caveats(rich))
    lost, held_out = len(rich.split.unreachable), rich.split.n_held_out.sum()
    assert f"{lost:,} held-out items of {held_out:,} could not be found by anything" in said
    new = rich.split.summary.n_users_without_history
    assert new > 0
    assert f"{new} user" in said
    assert "trained with one seed" in said
    assert "Figures are offline" in said


def test_few_users_are_said_to_be_few(monkeypatch):
    n = len(rich_result().user_ids)
    few = f"Only {n} users could be measured"
    monkeypatch.setattr(run_caveats, "FEW_USERS", n + 1)
    assert any(few in said for said in caveats(rich_result()))
    monkeypatch.setattr(run_caveats, "FEW_USERS", n)
    assert not any(few in said for said in caveats(rich_result()))


def test_the_most_that_are_measured_are_said_to_be_the_most():
    n = len(rich_result().user_ids)
    assert any("there may be more" in said for said in caveats(with_config(max_users=n)))
    assert not any("there may be more" in said for said in caveats(with_config(max_users=n + 1)))


def test_pools_that_are_a_large_part_of_the_catalogue_are_said_to_be():
    rich = rich_result()
    words = "are a large part of the catalogue"
    assert not any(words in said for said in caveats(rich))
    small = replace(rich)
    small.__dict__["random_recall"] = np.linspace(0, 0.314, rich.config.top_k)
    assert any(words in said and "31.4 of 100" in said for said in caveats(small))
