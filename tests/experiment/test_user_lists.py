"""One user's lists set against each other, by hand."""

from dataclasses import replace

import pandas as pd

from skrec_lite.experiment import (
    FUNNEL_ENDS,
    UserView,
    full_against_two_stages,
    funnel_frame,
    journeys,
    pool_overlap,
    user_view,
)
from skrec_lite.experiment.users.held_out_fates import held_out_fates
from skrec_lite.experiment.users.item_frames import columns_with_values
from skrec_lite.experiment.users.user_lists import (
    beyond_first,
    own_pools,
    pools_apart,
    ranks_elsewhere,
    two_stages_against_full,
)
from tests.experiment.rich_result import rich_result


def pool(items, hits=(), listed=()):
    """A pool in this order; `listed` is the final list drawn from it."""
    places = {item: place for place, item in enumerate(listed, 1)}
    return pd.DataFrame(
        {
            "rank": range(1, len(items) + 1),
            "ITEM_ID": list(items),
            "TITLE": [f"Title {item}" for item in items],
            "score": [1.0 / place for place in range(1, len(items) + 1)],
            "hit": [item in hits for item in items],
            "final_rank": [places.get(item, 0) for item in items],
        }
    )


def final(listed, pool_items, hits=()):
    return pd.DataFrame(
        {
            "position": range(1, len(listed) + 1),
            "ITEM_ID": list(listed),
            "TITLE": [f"Title {item}" for item in listed],
            "score": [5.0 - place for place in range(len(listed))],
            "pool_rank": [pool_items.index(item) + 1 if item in pool_items else 0 for item in listed],
            "hit": [item in hits for item in listed],
        }
    )


def view(pools, finals):
    nothing = pd.DataFrame({"ITEM_ID": [], "TITLE": []})
    return UserView("u", nothing, nothing, pools, finals, dict.fromkeys(pools, False))


def test_overlap_counts_each_item_once_under_exactly_its_pools():
    pools = {"a": pool("wxyz", hits="yz"), "b": pool("xyp", hits="y"), "c": pool("yq", hits="y")}
    overlap = pool_overlap(pools).set_index("retrievers")
    assert overlap["n_items"].to_dict() == {
        ("a",): 2, ("b",): 1, ("c",): 1, ("a", "b"): 1, ("a", "c"): 0, ("b", "c"): 0, ("a", "b", "c"): 1,
    }  # fmt: skip
    assert overlap["n_hits"][overlap["n_hits"] > 0].to_dict() == {("a",): 1, ("a", "b", "c"): 1}
    assert list(overlap.index[:3]) == [("a",), ("b",), ("c",)]


def test_overlap_of_one_pool_and_of_an_empty_one():
    assert pool_overlap({"a": pool("xy", hits="x")}).values.tolist() == [[("a",), 2, 1]]
    two = pool_overlap({"a": pool("x"), "b": pool("")})
    assert two["n_items"].tolist() == [1, 0, 0]


def test_journeys_follow_the_list_and_the_hit_that_the_ranker_dropped():
    pools = {"a": pool("vwxyz", hits="vz", listed="zx")}
    here = view(pools, {"a": final("zx", "vwxyz", hits="z")})
    table = journeys(here, "a")
    assert table["ITEM_ID"].tolist() == ["z", "x", "v"]
    assert table["pool_rank"].tolist() == [5, 3, 1]
    assert table["position"].tolist() == [1, 2, 0]
    assert table["pool_order"].tolist() == [3, 2, 1]
    assert table["hit"].tolist() == [True, False, True]


def test_full_list_says_what_the_pool_could_not_offer_and_what_was_left_out():
    pools = {"a": pool("wxyz", listed="yw")}
    here = view(pools, {"a": final("yw", "wxyz"), "full": final("qyx", "")})
    table = full_against_two_stages(here, "a")
    assert table["ITEM_ID"].tolist() == ["q", "y", "x"]
    assert table["pool_rank"].tolist() == [0, 3, 2]
    assert table["two_stage_position"].tolist() == [0, 1, 0]
    assert here.finals["full"]["pool_rank"].tolist() == [0, 0, 0], "the view itself is left as it was"


def test_pools_as_one_table_keep_order_and_say_whose_they_are():
    together = view({"a": pool("wx"), "b": pool("y")}, {}).pools_frame()
    assert together.columns[0] == "retriever"
    assert together["retriever"].tolist() == ["a", "a", "b"]
    assert together["ITEM_ID"].tolist() == ["w", "x", "y"]


def test_differences_leave_out_what_all_own_pools_share_and_keep_ranks():
    pools = {"a": pool("wxyz"), "b": pool("zyp"), "c": pool("yq")}
    apart = pools_apart(view(pools, {}))
    assert {key: "".join(table["ITEM_ID"]) for key, table in apart.items()} == {
        "a": "wxz",
        "b": "zp",
        "c": "q",
    }
    assert apart["b"]["rank"].tolist() == [1, 3]


def test_a_merged_pool_does_not_decide_what_is_shared_but_loses_it_too():
    merged = pool("xz").assign(found_by_a=[2, 4], found_by_b=[1, 0])
    here = view({"a": pool("wxyz"), "b": pool("x"), "m": merged}, {})
    assert list(own_pools(here)) == ["a", "b"]
    apart = pools_apart(here)
    assert {key: "".join(table["ITEM_ID"]) for key, table in apart.items()} == {"a": "wyz", "b": "", "m": "z"}
    assert "".join(pools_apart(view({"a": pool("xy")}, {}))["a"]["ITEM_ID"]) == "xy"


def test_who_else_found_a_candidate_and_at_which_rank():
    merged = pool("xz").assign(found_by_a=[2, 4], found_by_b=[2, 0])
    here = view({"a": pool("wxyz"), "b": pool("yx"), "c": pool("z"), "m": merged}, {})
    elsewhere = ranks_elsewhere(here, "a")
    assert {key: ranks.tolist() for key, ranks in elsewhere.items()} == {"b": [0, 2, 1, 0], "c": [0, 0, 0, 1]}
    assert list(ranks_elsewhere(here, "m")) == ["a", "b", "c"]


def test_what_of_a_list_lies_beyond_the_first_candidates():
    pools = {"a": pool("wxyz", listed="zw")}
    here = view(pools, {"a": final("zw", "wxyz")})
    assert beyond_first(here, "a", 3)["ITEM_ID"].tolist() == ["z"]
    assert beyond_first(here, "a", 4).empty


def test_two_stage_list_says_where_the_full_catalogue_puts_each():
    pools = {"a": pool("wxyz", listed="yw")}
    finals = {"a": final("yw", "wxyz"), "full": final("qyx", "")}
    assert two_stages_against_full(view(pools, finals), "a")["full_position"].tolist() == [2, 0]
    assert two_stages_against_full(view(pools, {"a": finals["a"]}), "a")["full_position"].tolist() == [0, 0]


def test_columns_without_a_value_are_told_apart_from_zero_and_false():
    frame = pd.DataFrame(
        {
            "none": [None, float("nan")],
            "when": pd.to_datetime([None, None]),
            "blank": ["", " "],
            "zero": [0, 0],
            "some": [None, "x"],
            "no": [False, False],
            "tags": [["a", "b"], None],
        }
    )
    assert columns_with_values(frame) == ["zero", "some", "no", "tags"]
    assert columns_with_values(frame.head(0)) == []


def held_out_view():
    """x is shown from a and ranked below from b; y is in b's pool only; z in none; new out of reach."""
    pools = {"a": pool("wx", hits="x", listed="x"), "b": pool("yvx", hits="xy", listed="v")}
    finals = {"a": final("x", "wx", hits="x"), "b": final("v", "yvx"), "full": final("y", "", hits="y")}
    held_out = pd.DataFrame(
        {
            "ITEM_ID": list("zyx"),
            "TITLE": ["Title z", "Title y", "Title x"],
            "a_rank": [0, 0, 2],
            "b_rank": [0, 1, 3],
        }
    )
    lost = pd.DataFrame({"ITEM_ID": ["new"], "TITLE": ["Title new"]})
    return replace(view(pools, finals), held_out=held_out, n_unreachable=1, unreachable=lost)


def test_fates_of_held_out_items_by_hand_shown_first_then_found_then_lost():
    table = held_out_fates(held_out_view())
    assert list(table.columns) == ["ITEM_ID", "TITLE", "retriever", "fate", "pool_rank", "position"]
    assert table.drop(columns="TITLE").to_numpy().tolist() == [
        ["x", "a", "shown", 2, 1],
        ["x", "b", "ranked_below", 3, 0],
        ["y", "a", "not_retrieved", 0, 0],
        ["y", "b", "ranked_below", 1, 0],
        ["z", "a", "not_retrieved", 0, 0],
        ["z", "b", "not_retrieved", 0, 0],
        ["new", "a", "not_in_catalogue", 0, 0],
        ["new", "b", "not_in_catalogue", 0, 0],
    ]


def test_fates_of_all_users_together_are_the_funnel():
    result = rich_result()
    every = pd.concat([held_out_fates(user_view(result, user)) for user in result.user_ids])
    counts = every.groupby(["retriever", "fate"]).size()
    funnel = funnel_frame(result).set_index("retriever")
    for key in result.runs:
        for fate in FUNNEL_ENDS:
            assert counts.get((key, fate), 0) == funnel.loc[key, fate], (key, fate)
    assert counts.loc[:, "not_in_catalogue"].min() > 0
