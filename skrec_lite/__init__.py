"""Two-stage retrieval: a retriever narrows the catalogue, a ranker orders what is left.

All public names are here; the sub-packages, read from ``dataset`` to ``experiment``, are the pipeline.
"""
