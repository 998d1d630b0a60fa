# mypy: ignore-errors
"""Trending: what most people chose lately. An example of a retriever of one's own, complete as it is."""

from skrec_lite.experiment import RetrieverSpec, register_retriever
from skrec_lite.retriever import BaseCandidateRetriever


class TrendingRetriever(BaseCandidateRetriever):
    """The items with the most choices in the last tenth of training, the same for everyone."""

    def build_index(self, estimator=None, interactions=None, items=None):
        """Count what was chosen lately; called once, after the ranker was trained."""
        if "TIMESTAMP" in interactions:
            interactions = interactions.sort_values("TIMESTAMP", kind="stable")
        latest = interactions["ITEM_ID"].tail(max(1, len(interactions) // 10))
        self.trending = latest.astype(str).value_counts().index.tolist()

    def retrieve(self, user_ids, top_k):
        """Return a list of item ids for each user id, best first; here the same list for all of them."""
        return dict.fromkeys(user_ids, self.trending[:top_k])


register_retriever(
    RetrieverSpec(
        key="trending",
        label="Trending",
        summary="What most people chose lately.",
        make=lambda config: TrendingRetriever(top_k=config.top_k),
    )
)
