"""Texts as a few numbers each: words weighed by rarity, reduced to the topics that explain most of them.

Latent semantic analysis (Deerwester et al. 1990, "Indexing by latent semantic analysis"): a row of word
weights (1 + ln(count)) * idf, brought to length 1, is multiplied by the leading right singular vectors of
all rows. What that gives is brought to length 1 again, so that a text has the same say as a block of flags,
and two texts have the cosine of their topics. A text without a known word is 0: it says nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.linalg import svds

from skrec_lite.dataset.features.cells import cells_of
from skrec_lite.dataset.features.readers import Reading
from skrec_lite.dataset.features.weights import inverse_frequencies, weigh_flags

TOPICS: Final = 32
"""Numbers that a text becomes at most."""

MAX_WORDS: Final = 20_000
"""Words that are kept at most, those of most texts."""

FIT_ROWS: Final = 200_000
"""Words and topics are learned from so many texts at most, evenly spaced in their alphabetical order."""

_CHUNK: Final = 20_000
_MAX_CHARACTERS: Final = 10_000
_COMMON_FROM: Final = 20
_MARKUP: Final = re.compile(r"<[^<>]{1,500}>")
_YEAR_AT_END: Final = re.compile(r"\((?:18|19|20)\d\d\)\s*$")
# Vowel signs and accents of Hebrew, Arabic, Indic scripts and Thai belong to their words.
_WORD: Final = re.compile(r"[\w\u0300-\u036f\u0591-\u05c7\u064b-\u0652\u0900-\u0dff\u0e00-\u0eff]{2,}")
# Thai, Lao, Burmese, Khmer, kana, Han: written without blanks.
_UNSPACED: Final = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003134f]+"
)


def words_in_text(text: str) -> list[str]:
    """Return the words of a text in lower case; pairs of characters where a script has no blanks."""
    text = text[:_MAX_CHARACTERS]
    if "<" in text:
        text = _MARKUP.sub(" ", text)
    if text.rstrip().endswith(")"):
        # The year of a title is a number of its own, not a word.
        text = _YEAR_AT_END.sub("", text)
    if text.isascii():
        return _WORD.findall(text.lower())
    words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    if not _UNSPACED.search(text):
        return words
    return [part for word in words for part in _parts(word)]


def mean_words(texts: pd.Series) -> float:
    """Return how many words a text has on average, by at most 100 of them."""
    sample = texts.iloc[:: max(1, len(texts) // 100)]
    return float(np.mean([len(words_in_text(text)) for text in sample])) if len(sample) else 0.0


@dataclass(frozen=True, eq=False)
class TextReader:
    """Reads texts as their topics.

    Attributes
    ----------
    vocabulary : tuple of str
        Known words, sorted.
    idf : ndarray of float64, shape (n_words,)
    components : ndarray of float64, shape (n_words, n_topics)
        Orthonormal columns.
    """

    vocabulary: tuple[str, ...]
    idf: NDArray[np.float64]
    components: NDArray[np.float64]

    @cached_property
    def _place(self) -> dict[str, int]:
        return {word: place for place, word in enumerate(self.vocabulary)}

    def read(self, values: pd.Series) -> Reading:
        """Return topics, rows of length 1 or 0."""
        # Texts repeat: each different one is read once.
        codes, texts = pd.factorize(cells_of(values))
        topics = np.zeros((len(texts) + 1, self.components.shape[1]), dtype=np.float32)
        for first in range(0, len(texts), _CHUNK):
            chunk = texts[first : first + _CHUNK]
            topics[first : first + len(chunk)] = self._topics(chunk)
        present = np.asarray(topics.any(axis=1), dtype=np.bool_)
        unknown = tuple(sorted(map(str, texts[~present[:-1]])))
        return Reading(topics[codes], present[codes], unknown)

    def known_words(self, text: str) -> list[str]:
        """Return the different known words of a text, in their order."""
        return [word for word in dict.fromkeys(words_in_text(text)) if word in self._place]

    def _topics(self, texts: Iterable[str]) -> NDArray[np.float64]:
        topics = np.asarray(_weighed(_counts(texts, self._place), self.idf) @ self.components)
        lengths = np.linalg.norm(topics, axis=1, keepdims=True)
        return np.divide(topics, lengths, out=np.zeros_like(topics), where=lengths > 1e-6)


def fit_text(values: pd.Series) -> TextReader | None:
    """Learn words and topics of a column; None if no word is in two of its texts.

    Words in more than half of the texts (of 20 and more) are left out: they are "the" and "and" in whatever
    language. The rows' order does not matter.

    Parameters
    ----------
    values : Series
        Any dtype, shape (n_rows,).
    """
    texts = cells_of(values).dropna().astype(object).sort_values().to_numpy()
    if len(texts) > FIT_ROWS:
        texts = texts[np.linspace(0, len(texts) - 1, FIT_ROWS).astype(np.int64)]
    # Texts repeat: each different one is taken apart once.
    codes, different = pd.factorize(texts)
    times = np.bincount(codes, minlength=len(different)).tolist()
    having: Counter[str] = Counter()
    for text, n in zip(different, times, strict=True):
        for word in set(words_in_text(text)):
            having[word] += n
    most = len(texts) / 2 if len(texts) >= _COMMON_FROM else len(texts)
    often = sorted((-n, word) for word, n in having.items() if 2 <= n <= most)[:MAX_WORDS]
    if not often:
        return None
    vocabulary = tuple(sorted(word for _, word in often))
    counts = _counts(different, {word: place for place, word in enumerate(vocabulary)})[codes]
    idf = inverse_frequencies(counts)
    return TextReader(vocabulary, idf, _components(_weighed(counts, idf)))


def _counts(texts: Iterable[str], place: Mapping[str, int]) -> sp.csr_array:
    """Count the known words of each text, shape (n_texts, n_words); columns in order within a row."""
    columns: list[int] = []
    counts: list[int] = []
    ends = [0]
    for text in texts:
        found = Counter(place[word] for word in words_in_text(text) if word in place)
        for column in sorted(found):
            columns.append(column)
            counts.append(found[column])
        ends.append(len(columns))
    return sp.csr_array(
        (np.array(counts, dtype=np.float64), columns, ends), shape=(len(ends) - 1, len(place))
    )


def _weighed(counts: sp.csr_array, idf: NDArray[np.float64]) -> sp.csr_array:
    damped = sp.csr_array((1 + np.log(counts.data), counts.indices, counts.indptr), shape=counts.shape)
    return weigh_flags(damped, idf)


def _components(rows: sp.csr_array) -> NDArray[np.float64]:
    """Return the leading right singular vectors, shape (n_words, n_topics); the largest entry is positive."""
    if min(rows.shape) <= 2 * TOPICS:
        _, strengths, vectors = np.linalg.svd(rows.toarray(), full_matrices=False)
    else:
        start = np.random.default_rng(0).uniform(-1, 1, min(rows.shape))
        _, strengths, vectors = svds(rows, TOPICS, v0=start, solver="arpack")
    strongest = np.argsort(-strengths, kind="stable")[:TOPICS]
    vectors = vectors[strongest[strengths[strongest] > 1e-6 * strengths.max()]]
    largest = np.abs(vectors).argmax(axis=1)
    signs = np.sign(vectors[np.arange(len(vectors)), largest])
    return np.ascontiguousarray((vectors * signs[:, None]).T)


def _parts(word: str) -> Iterable[str]:
    for run in re.finditer(rf"({_UNSPACED.pattern})|[^{_UNSPACED.pattern[1:-2]}]+", word):
        characters = run.group()
        if run.group(1) and len(characters) > 2:
            yield from (characters[i : i + 2] for i in range(len(characters) - 1))
        elif run.group(1) or len(characters) > 1:
            yield characters
