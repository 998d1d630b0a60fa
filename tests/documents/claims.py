"""The sentences with numbers in the pages on reading the charts, # for each number, and what these are."""

from skrec_lite.experiment.lessons.embedding import genre_likeness, positive_share
from skrec_lite.experiment.lessons.profile import head_share
from tests.documents.sample_figures import THREE

ENDS = ("not_retrieved", "ranked_below", "shown")

_BOOKS = {
    "# books, # candidates, # shown":
        lambda f: [f.data.n_items, f.result.config.top_k, f.result.config.n],
    "fifth of the books holds # of 100 interactions; the top book has #, the last has #, and # have none":
        lambda f: [100 - f.share_of_least(0.8), f.chosen[0], f.chosen[-1], f.n_unchosen],
    "less chosen half of the books has # of 100":
        lambda f: [f.share_of_least(0.5)],
    "have # interactions or fewer, the mean is #, the longest history #":
        lambda f: [f.histories.median(), f.histories.mean(), f.histories.max()],
    "is # after the first of # epochs, # after the second and # after the last":
        lambda f: [f.losses[0], len(f.losses), f.losses[1], f.losses[-1]],
}  # fmt: skip

_READER = {
    "Embedding has it at place #, content-based at place #, popularity at place #":
        lambda f: f.places(),
    "# books are in all three pools, the hit among them; # are in the content-based":
        lambda f: [f.own_overlap(*THREE), f.own_overlap("content")],
    "# of 100 true neighbours are neighbours on the map; at random it would be #. "
    "The two axes keep # of 100 of the spread along # coordinates":
        lambda f: f.map_of_embedding(),
    "has a score of #; the greatest part, #, comes from *Letters to Mateo*, which they had rated #":
        lambda f: f.greatest_part(),
    "from place # to place #":
        lambda f: [f.listed()["pool_rank"], f.listed()["position"]],
    "gets # new candidates of 200 from embedding, # from content and # from popularity":
        lambda f: f.entered_without_the_earliest(),
    "is at rank # for reader 1133 with content-based retrieval, inside the pool; "
    "popularity has it last, at rank #;":
        lambda f: f.ranks_of_a_new_one()[:2],
    "all # romances, for everyone, hold # of 100; the first # of embedding hold #":
        lambda f: f.romances(),
}  # fmt: skip

_TOUR = {
    "# of the 10 nearest share a genre, against # of 10":
        lambda f: [genre_likeness(f.lesson).nearest, genre_likeness(f.lesson).random],
    "best candidate only # of 100 products":
        lambda f: [100 * positive_share(f.lesson)],
    "retrieval finds # of 100 where embedding finds #":
        lambda f: f.recall(200, "content", "embedding"),
    "20 of 100 books hold # of 100 choices":
        lambda f: [100 * head_share(f.lesson, 0.2)],
    "finds # of 100 within its first 10 candidates and # within 200":
        lambda f: [*f.recall(10, "embedding"), *f.recall(200, "embedding")],
    "popularity pool would show # of 100; the real one shows #":
        lambda f: [*f.recall(200, "popularity"), *f.lists("popularity")],
    "leads within 10 with # of 100 against # and #, and is last within 200 with # against # and #":
        lambda f: [figure for k in (10, 200) for figure in f.contenders("large", "small", "popularity", k=k)],
}  # fmt: skip

_EVERYONE = {
    "the pools hold # by embedding, # by content and # by popularity; the lists hold #, # and #.":
        lambda f: [*f.recall(200), *f.lists()],
    "leads with # of 100. It loses # in retrieval and # in ranking":
        lambda f: [*f.recall(200, "embedding"), *(f.lost("embedding", end) for end in ENDS[:2])],
    "with weights 3, 1, 1 find # of 100, which is not certainly less than embedding's #; "
    "with equal weights they find #":
        lambda f: [f.merged(3, 1, 1), *f.recall(200, "embedding"), f.merged(1, 1, 1)],
    "embedding # and #, content-based # and #, popularity # and # of 100. Its list finds # with either":
        lambda f: [*(f.recall(k, key)[0] for key in THREE for k in (100, 200)), *f.lists("embedding")],
    "embedding does not retrieve #, has # ranked below the list and # shown":
        lambda f: [f.lost("embedding", end) for end in ENDS],
    "loses most at retrieval: # not retrieved":
        lambda f: [f.lost("content", "not_retrieved")],
    "embedding finds # of 100 (# to #), popularity # (# to #), content-based # (# to #)":
        lambda f: [*f.within("embedding"), *f.within("popularity"), *f.within("content")],
    "At k = 10 they find #, # and #":
        lambda f: f.recall(10, "embedding", "popularity", "content"),
    "find # over the embedding's pool, # over the content-based one, # over popularity's, and # over":
        lambda f: f.lists(*THREE, "full"),
    "# of the 2,000 held-out books are in the embedding's pool alone, # in popularity's, "
    "# in the content-based one; # are in all three":
        lambda f: [*map(f.overlap, ("embedding", "popularity", "content")), f.overlap(*THREE)],
    "together hold # of 100, in # candidates":
        lambda f: f.together(),
    "takes # of 100 choices in the data; of the places in the pools # by embedding, # by content and # by "
    "popularity; of those in the lists #, # and #":
        lambda f: f.mirror(),
    "finds # more of 100 held-out books than popularity at k = 200 (# to #)":
        lambda f: f.difference("pool"),
    "In the lists they differ by # (# to #)":
        lambda f: f.difference("list"),
    "nDCG@10 is # with 10 candidates, # with 100 and # with 200, while pool recall grows from # over # to #.":
        lambda f: f.sweep_of_popularity(),
    "the embedding's it is # whatever the size":
        lambda f: [f.swept.loc[("embedding", 10), "ndcg"]],
    "hold # of 100 for readers with 21 to 50 books and # for":
        lambda f: [f.of_readers_with("21 to 50"), f.of_readers_with("more than 200")],
    "the recall of Pools, #, # and # of 100":
        lambda f: f.recall(200, "embedding", "popularity", "content"),
}  # fmt: skip

# In two-minutes.md.
_AT_FIRST = {
    "pick # of # books for # readers":
        lambda f: [f.result.config.top_k, f.data.n_items, len(f.result.user_ids)],
    "hidden books embedding has # in its pools, popularity #, content #; only about # reach":
        lambda f: [*f.recall(200, "embedding", "popularity", "content"), *f.lists("embedding")],
}  # fmt: skip

CLAIMS = _AT_FIRST | _BOOKS | _READER | _TOUR | _EVERYONE
