"""What the figures are called and what they mean."""

from __future__ import annotations

from typing import Final

#: The names of `skrec_lite.metrics.LIST_METRICS` as people read them; whether they are shares, said of 100.
METRICS: Final[dict[str, tuple[str, bool]]] = {
    "recall": ("Recall", True),
    "capped_recall": ("Capped recall", True),
    "ndcg": ("nDCG", False),
    "hit_rate": ("Hit rate", True),
    "precision": ("Precision", True),
    "mrr": ("MRR", False),
    "map": ("MAP", False),
}

#: What is said at the end of a report.
GLOSSARY: Final[dict[str, str]] = {
    "Held-out item": "Something a user chose that no model was told of; what a good retriever finds.",
    "Retriever, pool, candidate": "The first stage picks a pool of candidates for each user from all items.",
    "Ranker, final list": "The second stage scores the candidates of the pool and shows the best n.",
    "Full catalogue": "The same ranker over all items, without a retriever: what retrieval is set against.",
    "Recall@k": "Held-out items of a user among the first k, divided by all held-out items of the user; the "
    "mean over users. Of the pool it is candidate recall, of the list final recall, which can never pass the "
    "pool's.",
    "Capped recall@k": "The same divided by the smaller of k and the number held out, so that 1 can be "
    "reached however many are held out.",
    "Hit rate@k": "The share of users with at least one held-out item among the first k.",
    "Precision@k": "Held-out items among the first k, divided by k; a list that is not full is not excused.",
    "nDCG@k": "Each hit counts 1 / log2(place + 1); divided by what the best order would have had, with the "
    "smaller of k and the number held out at the head (Järvelin and Kekäläinen 2002). 1 is perfect.",
    "MRR": "Mean over users of 1 / place of the first hit, 0 without one.",
    "MAP": "Mean over users of the sum of precision at each hit, divided by the number held out.",
    "Ceiling": "The share of held-out items in the catalogue at training: nothing can find the others.",
    "Oracle nDCG": "nDCG of the best order of a pool: no ranker of that pool can pass it.",
    "Coverage": "The share of the catalogue that is in at least one list.",
    "Gini": "How unevenly items are shown: 0 where all are shown alike, near 1 where always the same are.",
    "Popular items": "The share of list places that go to the most popular fifth of the items.",
    "Novelty": "Mean of -log2(share of training users with the item): bits of surprise (Zhou et al. 2010).",
    "Diversity": "1 less the mean cosine between the features of two items of a list (Ziegler et al. 2005).",
    "Serendipity": "The share of list places with a hit that a list of popular items lacks.",
    "95 % interval": "Users are drawn anew, with replacement, 2,000 times; the interval holds the middle "
    "95 % of the means (percentile bootstrap, Efron and Tibshirani 1993, chapter 13). Differences are taken "
    "user by user.",
    "p, Holm": "p is how often a difference at least as large comes about if a coin decides, for each user, "
    "which of the two is which (permutation test). Holm's correction makes up for asking many such "
    "questions.",
}
