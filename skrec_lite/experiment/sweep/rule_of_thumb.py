"""The rule of thumb for pool sizes, 10 to 20 times the final list, held against what a sweep found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skrec_lite.experiment.choices.retriever_specs import RETRIEVERS
from skrec_lite.experiment.sweep.advice import best_and_smallest, hidden_loss
from skrec_lite.experiment.sweep.curves import FULL
from skrec_lite.experiment.sweep.sizes import RULE_OF_THUMB

if TYPE_CHECKING:
    from skrec_lite.experiment.sweep.result import Sweep


def rule_sentences(sweep: Sweep) -> tuple[str, ...]:
    """Return the rule, and what each retriever's pools say of it; see `Sweep.rule_of_thumb`."""
    low, high = (times * sweep.n for times in RULE_OF_THUMB)
    rule = f"Rule of thumb: a pool of 10 to 20 times the final list, here {low:,} to {high:,}."
    if low >= sweep.n_items:
        return (f"{rule} The catalogue of {sweep.n_items:,} items is no larger than that.",)
    swept = [key for key in sweep.curves if key != FULL]
    asked = [size for size in (low, high) if all(size in sweep.curves[key].sizes for key in swept)]
    if not asked:
        return (f"{rule} Such pools were not among the sizes swept.",)
    return (rule, *(_of_one(sweep, key, asked) for key in swept))


def _of_one(sweep: Sweep, key: str, asked: list[int]) -> str:
    """Say of one retriever what the rule's pools reach, which size is enough, and what still grows."""
    points = sweep.frame[sweep.frame["retriever"] == key]
    best, enough = best_and_smallest(sweep, points)
    top, label = points.loc[best], RETRIEVERS[key].label
    if top["ndcg"] == 0:
        return f"{label}: no list at any size holds a held-out item."
    rule = [sweep.point(key, size) for size in asked]
    reached = " and ".join(f"{100 * points.loc[row, 'ndcg'] / top['ndcg']:.0f} %" for row in rule)
    pools = f"a pool of {asked[0]:,} reaches"
    if len(asked) == 2:
        pools = f"pools of {asked[0]:,} and {asked[1]:,} reach"
    sentence = (
        f"{label}: {pools} {reached} of its best nDCG@{sweep.n}, {top['ndcg']:.3f} at {top['k']:,} "
        "candidates."
    )
    size = int(points.loc[enough, "k"])
    hidden = hidden_loss(sweep, best, enough)
    alike = f"cannot be told apart from the best{f' (with {hidden})' if hidden else ''}"
    if size < asked[0]:
        sentence += f" This data does not ask for as much: a pool of {size:,} {alike}."
    elif size > asked[-1]:
        sentence += f" This data asks for more: every pool under {size:,} is worse than the best."
    else:
        sentence += f" This data agrees: {size:,} is the smallest that {alike}."
    return sentence + (_what_grows(sweep, rule, asked) if len(rule) == 2 else "")


def _what_grows(sweep: Sweep, rule: list[int], asked: list[int]) -> str:
    """Say whether the pool's recall and the list's nDCG still change from 10 to 20 times the list."""
    recall = sweep.difference(rule[1], rule[0], "pool_recall")
    ndcg = sweep.difference(rule[1], rule[0], "ndcg")
    found = " to ".join(f"{100 * sweep.frame.loc[row, 'pool_recall']:.1f}" for row in rule)
    grows = "grows" if recall.excludes_zero else "does not visibly grow"
    if not ndcg.excludes_zero:
        change = "cannot be told apart at the two"
    else:
        change = f"{'grows' if ndcg.mean > 0 else 'falls'} by {abs(ndcg.mean):.3f}"
    return (
        f" From {asked[0]:,} to {asked[1]:,} the pool's recall {grows} ({found} of 100 held-out items) and "
        f"nDCG@{sweep.n} {change}."
    )
