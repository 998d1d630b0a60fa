"""One metric of two retrievers compared, and what may be said of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from skrec_lite.exceptions import check_choice
from skrec_lite.experiment.figures.difference_words import (
    amount,
    interval_words,
    metric_words,
    name_in_a_sentence,
    name_of,
    p_words,
)
from skrec_lite.metrics import Interval
from skrec_lite.metrics.bootstrap import FEW_DECIDING, FEW_USERS

Stage = Literal["pool", "list"]
Outcome = Literal["certain", "alone", "open", "same"]

#: A difference counts as certain when its adjusted p-value is at most this.
LEVEL = 0.05

_MORE = {
    ("pool", "recall"): "{Better} finds {x} more of 100 held-out items than {worse} at k = {k}",
    ("list", "recall"): "{Better} brings {x} more of 100 held-out items into the list of {k} than {worse}",
    ("list", "precision"): "{Better} fills {x} more of 100 list places with held-out items than {worse}",
    (
        "list",
        "hit_rate",
    ): "{Better} gives {x} more of 100 users a held-out item in the list of {k} than {worse}",
}
_HIGHER = "{metric} is {x} higher with {better} than with {worse}"


@dataclass(frozen=True)
class Comparison:
    """One metric of two retrievers over the same users.

    Attributes
    ----------
    stage : {"pool", "list"}
        Candidates in the retriever's own order, or final lists.
    metric : str
        A name of `skrec_lite.metrics.LIST_METRICS`.
    k : int
        The cut-off: candidates, or the length of the list.
    first, second : str
        Keys of retrievers; `second` may be ``"full"``, the full catalogue ranked.
    difference : Interval
        Mean over users of `first` less `second`, with its 95 % interval.
    p_value : float
        Of a two-sided permutation test, by itself.
    p_adjusted : float
        The same after Holm's correction for all `n_compared`.
    n_compared : int
        Comparisons in the family.
    n_users : int
        Users whom both cover.
    n_deciding : float
        About how many users decide the difference; see `skrec_lite.metrics.bootstrap.deciding_users`.
    """

    stage: Stage
    metric: str
    k: int
    first: str
    second: str
    difference: Interval
    p_value: float
    p_adjusted: float
    n_compared: int
    n_users: int
    n_deciding: float

    @property
    def is_certain(self) -> bool:
        """Whether the interval leaves out 0 and the adjusted p-value is at most `LEVEL`."""
        return self.difference.excludes_zero and self.p_adjusted <= LEVEL

    @property
    def ahead(self) -> str:
        """The key of the one with the higher mean; empty where the means are equal."""
        if self.difference.mean == 0:
            return ""
        return self.first if self.difference.mean > 0 else self.second

    @property
    def outcome(self) -> Outcome:
        """Certain; certain only taken alone; not told apart; or the same for every user."""
        if self.n_deciding == 0 and self.difference.mean == 0:
            return "same"
        if not self.difference.excludes_zero:
            return "open"
        return "certain" if self.is_certain else "alone"

    @property
    def has_enough_users(self) -> bool:
        """Whether so many users decide the difference that its interval can be relied on."""
        return self.n_users >= FEW_USERS and self.n_deciding >= FEW_DECIDING

    def against(self, reference: str) -> Comparison:
        """Return the same comparison with `reference` as the second of the two.

        Parameters
        ----------
        reference : str
            Key of either; the difference is then the other one's lead over it.
        """
        if check_choice("reference", reference, (self.first, self.second)) == self.second:
            return self
        given = self.difference
        turned = Interval(-given.mean, -given.high, -given.low)
        return replace(self, first=self.second, second=reference, difference=turned)

    @property
    def metric_words(self) -> str:
        """The metric as people write it, ``recall@200``."""
        return metric_words(self.metric, self.k)

    @property
    def sentence(self) -> str:
        """What this comparison says, no more than the data does."""
        if self.outcome == "same":
            both = f"{name_of(self.first)} and {name_in_a_sentence(self.second)}"
            return f"{both} have the same {self._metric_of_stage} for every user."
        said = self._told_apart() if self.difference.excludes_zero else self._not_told_apart()
        return said if self.has_enough_users else f"{said} {self._too_few_words}"

    @property
    def _too_few_words(self) -> str:
        n = self.n_users if self.n_users < FEW_USERS else max(1, round(self.n_deciding))
        users = "1 user" if n == 1 else f"{n} users"
        if self.n_users < FEW_USERS:
            return f"With {users} measured the interval may be too narrow."
        return f"About {users} decide this: the interval may be too narrow."

    def _told_apart(self) -> str:
        ahead = self if self.difference.mean >= 0 else self.against(self.first)
        better, worse, difference = ahead.first, ahead.second, ahead.difference
        words = _MORE.get((self.stage, self.metric), _HIGHER).format(
            Better=name_of(better),
            better=name_in_a_sentence(better),
            worse=name_in_a_sentence(worse),
            metric=self._metric_of_stage,
            x=amount(difference.mean, self.metric),
            k=f"{self.k:,}",
        )
        said = f"{words} ({interval_words(difference, self.metric)})"
        if self.is_certain:
            return f"{said}."
        return (
            f"{said}, taken alone; as one of {self.n_compared} comparisons it may be chance "
            f"(adjusted {p_words(self.p_adjusted)})."
        )

    def _not_told_apart(self) -> str:
        by = (
            f"at k = {self.k:,}"
            if (self.stage, self.metric) == ("pool", "recall")
            else f"by {self._metric_of_stage}"
        )
        return (
            f"{name_of(self.first)} and {name_in_a_sentence(self.second)} cannot be told apart {by}: "
            f"a difference of {amount(self.difference.mean, self.metric)} "
            f"({interval_words(self.difference, self.metric)})."
        )

    @property
    def _metric_of_stage(self) -> str:
        return self.metric_words + (" of pools" if self.stage == "pool" else "")
