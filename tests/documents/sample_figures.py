"""What the documents quote: a run on the sample bookshop with the default choices, and what follows."""

from functools import cached_property

import numpy as np

from skrec_lite import ExperimentConfig, LabData, load_sample, run_experiment
from skrec_lite.experiment import (
    Rule,
    compare,
    compare_pools,
    contributions,
    funnel_frame,
    matching_items,
    pool_overlap,
    segment_frame,
    sweep,
    training_history,
    user_view,
    what_if,
    why_ranked,
    with_new_items,
)
from skrec_lite.experiment.figures.mirror import popularity_mirror
from skrec_lite.experiment.figures.overlap import pool_overlaps
from skrec_lite.experiment.lessons import make_lesson
from skrec_lite.experiment.playground.changes import change_figures
from skrec_lite.experiment.playground.merging import mergeable, try_merge
from skrec_lite.experiment.playground.own_pools import OwnPools, own_against_pools
from skrec_lite.experiment.users.taste_map import projection

READER = "1133"
THREE = ("embedding", "content", "popularity")


class SampleFigures:
    """Figures of 100 where they are shares."""

    def __init__(self):
        self.data = LabData(*load_sample(), name="Sample bookshop")
        self.losses = []
        self.result = run_experiment(self.data, ExperimentConfig(), progress=self._note)
        self.chosen = np.sort(self.data.interactions.groupby("ITEM_ID").size().to_numpy())[::-1]
        self.n_unchosen = self.data.n_items - len(self.chosen)
        self.histories = self.data.interactions.groupby("USER_ID").size()

    def _note(self, fraction, doing, epoch=None, /):
        if epoch is not None:
            self.losses.append(epoch.loss)

    @cached_property
    def view(self):
        return user_view(self.result, READER)

    @cached_property
    def lesson(self):
        return make_lesson(self.data, self.result)

    @cached_property
    def swept(self):
        table = sweep(self.result, sizes=[10, 100, 200], latency_users=2).frame
        return table.set_index(["retriever", "k"])

    def share_of_least(self, part):
        least_first = np.concatenate([np.zeros(self.n_unchosen), self.chosen[::-1]])
        return 100 * least_first[: int(part * len(least_first))].sum() / least_first.sum()

    def recall(self, k, *keys):
        return [100 * self.result.recall_curves[key][k - 1] for key in keys or THREE]

    def within(self, key, k=200):
        frame = self.result.recall_frame()
        row = frame[(frame["retriever"] == key) & (frame["k"] == k)].iloc[0]
        return [100 * row["recall"], 100 * row["low"], 100 * row["high"]]

    def lists(self, *keys):
        final = self.result.final_frame().set_index("retriever")["recall"]
        return [100 * final[key] for key in keys or THREE]

    def lost(self, key, end):
        row = funnel_frame(self.result).set_index("retriever").loc[key]
        return 100 * row[end] / row["held_out"]

    def overlap(self, *keys):
        frame = pool_overlaps(self.result)
        return frame.loc[[one == keys for one in frame["retrievers"]], "hits"].item()

    def together(self):
        found = contributions(self.result).iloc[0]
        return [100 * found["union_recall"], found["union_size"]]

    def mirror(self):
        mirror = popularity_mirror(self.result)
        curves = [mirror.data, *(kind[key] for kind in (mirror.pools, mirror.lists) for key in THREE)]
        return [100 * curve.head_share for curve in curves]

    def difference(self, stage):
        (one,) = [
            one.difference
            for one in compare(self.result, k=200)
            if (one.stage, one.metric, one.first, one.second) == (stage, "recall", "embedding", "popularity")
        ]
        return [100 * one.mean, 100 * one.low, 100 * one.high]

    def of_readers_with(self, books):
        frame = segment_frame(self.result, "history")
        own = frame[(frame["segment"] == books) & (frame["retriever"] == "embedding")]
        return 100 * own["pool_recall"].item()

    def sweep_of_popularity(self):
        table = self.swept.loc["popularity"].loc[[10, 100, 200]]
        return [*table["ndcg"], *(100 * table["pool_recall"])]

    def places(self):
        return [int(self.view.held_out[f"{key}_rank"].item()) for key in THREE]

    def own_overlap(self, *keys):
        frame = pool_overlap(self.view.pools)
        return frame.loc[[one == keys for one in frame["retrievers"]], "n_items"].item()

    def listed(self):
        shown = self.view.finals["popularity"]
        return shown[shown["hit"]].iloc[0]

    def greatest_part(self):
        why = why_ranked(self.result, "popularity", READER, self.listed()["ITEM_ID"])
        first = why.parts.iloc[0]
        return [why.explanation.score, first["contribution"], first["value"]]

    def map_of_embedding(self):
        found = projection(self.result, "embedding", "pca")
        n_items, n_coordinates = found.space.directions.shape
        at_random = found.n_neighbours / (n_items - 1)
        return [100 * found.neighbour_recall, 100 * at_random, 100 * found.explained, n_coordinates]

    def contenders(self, *keys, k):
        return [100 * self.lesson.contenders[key].at(k) for key in keys]

    def entered_without_the_earliest(self):
        history = training_history(self.result, READER)
        before, after = (what_if(self.result, told, READER) for told in (history, history.iloc[5:]))
        return change_figures(compare_pools(before, after)).set_index("retriever").loc[list(THREE), "entered"]

    def merged(self, *weights):
        pairs = tuple(zip(mergeable(self.result), map(float, weights), strict=True))
        return 100 * try_merge(self.result, pairs).curve[-1]

    def romances(self):
        items = matching_items(self.data, [Rule("genres", ("Romance",))])
        found = own_against_pools(self.result, OwnPools(tuple(items)), READER)
        return [len(items), 100 * found.recall, found.k, 100 * found.pools["embedding"]]

    def ranks_of_a_new_one(self):
        """Ranks of a new book with the features of the one that was held out for the reader."""
        items = self.data.items
        like = items[items["ITEM_ID"].astype(str) == self.view.held_out["ITEM_ID"].item()]
        new = like.assign(ITEM_ID="new-1", TITLE="A new one")
        places = with_new_items(self.result, new).for_user(READER).places.set_index("retriever")["rank"]
        return [places["content"], places["popularity"], places["embedding"]]
