"""Where most is lost, and the users behind each part of a bar."""

from __future__ import annotations

import pandas as pd
import pytest

from skrec_lite.exceptions import InvalidParameterError
from skrec_lite.experiment import FUNNEL_ENDS, fates, funnel_frame, user_view
from skrec_lite.experiment.figures.losses import Losses, losses, users_behind
from tests.experiment.rich_result import rich_result, toy_result


@pytest.fixture(scope="module")
def rich():
    return rich_result()


def test_losses_of_three_users_counted_by_hand():
    # Three held out for the first, one for each other: one of five is out of reach.
    toy = toy_result(
        pools={"popularity": [[0, 1, 2], [3, 4, 5], [6, 7, 8]]},
        lists={"popularity": [[0], [4], [6]]},
        held_out=[[0, 1], [3], [9]],
        unreachable=[["new"], [], []],
    )
    lost = losses(toy)["popularity"]
    assert (lost.shown, lost.ranking, lost.retrieval, lost.unreachable) == pytest.approx((0.2, 0.4, 0.2, 0.2))
    # Lists have one place: of the first user's two found only one could be shown.
    assert lost.best == pytest.approx(0.4)
    assert lost.largest == "ranked_below"
    assert lost.sentence == (
        "Popularity loses most at ranking: 40.0 of 100 held-out items are in its pool, but ranked below the "
        "list; 20.0 not in its pool; 20.0 not in the catalogue at training. A perfect ranker of its pools "
        "would show 40.0, not 20.0."
    )


@pytest.mark.parametrize(
    ("shares", "begins"),
    [
        ((0.0, 0.0, 0.0, 1.0), "Embedding loses nothing: every held-out item is shown."),
        (
            (0.0, 0.6, 0.2, 0.2),
            "Embedding loses most at retrieval: 60.0 of 100 held-out items are not in its",
        ),
        (
            (0.7, 0.1, 0.1, 0.1),
            "Embedding loses most before it starts: 70.0 of 100 held-out items are not in",
        ),
        ((0.0, 0.4, 0.4, 0.2), "Embedding loses most at ranking and as much at retrieval: 40.0 of 100"),
    ],
)
def test_the_sentence_names_the_stage_that_loses_most(shares, begins):
    assert Losses("embedding", *shares, best=0.5).sentence.startswith(begins)


def test_losses_sum_to_all_held_out_items_and_follow_the_funnel(rich):
    for row in funnel_frame(rich).itertuples():
        lost = losses(rich)[row.retriever]
        assert lost.shown + lost.ranking + lost.retrieval + lost.unreachable == pytest.approx(1)
        assert lost.retrieval == pytest.approx(row.not_retrieved / row.held_out)
        assert lost.shown <= lost.best <= lost.shown + lost.ranking + 1e-12


@pytest.mark.parametrize("fate", list(FUNNEL_ENDS))
def test_users_behind_a_part_hold_exactly_its_items(rich, fate):
    for key in rich.runs:
        table, every = users_behind(rich, key, fate), fates(rich, key)
        mine = every[every["fate"] == fate]
        assert table["n_items"].sum() == len(mine)
        pairs = table.explode("ITEM_ID")[["USER_ID", "ITEM_ID"]]
        assert set(map(tuple, pairs.to_numpy())) == set(map(tuple, mine[["USER_ID", "ITEM_ID"]].to_numpy()))
        assert len(pairs) == len(mine)
        assert not table["USER_ID"].duplicated().any()


def test_a_user_comes_with_history_titles_and_best_place(rich):
    table = users_behind(rich, "embedding", "ranked_below")
    row = table.iloc[3]
    view = user_view(rich, row["USER_ID"])
    assert row["history"] == len(view.history)
    held = view.held_out.set_index("ITEM_ID")
    assert row["TITLE"] == held.loc[row["ITEM_ID"], "TITLE"].tolist()
    ranks = held.loc[row["ITEM_ID"], "embedding_rank"].tolist()
    assert ranks == sorted(ranks)
    assert row["pool_rank"] == ranks[0]


def test_nearest_to_the_list_come_first_then_long_histories(rich):
    below = users_behind(rich, "content", "ranked_below")
    order = pd.MultiIndex.from_arrays([below["pool_rank"], -below["history"]])
    assert order.is_monotonic_increasing
    missed = users_behind(rich, "content", "not_retrieved")
    assert (missed["pool_rank"] == 0).all()
    assert missed["history"].is_monotonic_decreasing


def test_unknown_ends_and_retrievers_are_refused(rich):
    with pytest.raises(InvalidParameterError, match="fate must be one of"):
        users_behind(rich, "content", "eaten")
    with pytest.raises(InvalidParameterError, match="retriever must be one of"):
        users_behind(rich, "nobody", "shown")
