"""One user's lists set against each other, by hand."""

import pandas as pd

from skrec_lite.experiment import UserView, full_against_two_stages, journeys, pool_overlap


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
