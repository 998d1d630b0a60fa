"""Retrievers: the first stage, one file each."""

from skrec_lite.retriever.base_retriever import BaseCandidateRetriever
from skrec_lite.retriever.candidates import Candidates
from skrec_lite.retriever.content_based_retriever import ContentBasedRetriever
from skrec_lite.retriever.embedding_retriever import EmbeddingRetriever
from skrec_lite.retriever.faiss_retriever import FaissRetriever
from skrec_lite.retriever.index_fidelity import IndexFidelity
from skrec_lite.retriever.merged_retriever import MergedRetriever
from skrec_lite.retriever.popularity_retriever import PopularityRetriever
from skrec_lite.retriever.provenance import Provenance

__all__ = [
    "BaseCandidateRetriever",
    "Candidates",
    "ContentBasedRetriever",
    "EmbeddingRetriever",
    "FaissRetriever",
    "IndexFidelity",
    "MergedRetriever",
    "PopularityRetriever",
    "Provenance",
]
