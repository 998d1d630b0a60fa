"""Book titles and author names that read like real ones.

The templates are in `grammar_fiction` and `grammar_nonfiction`, the words they share in `words`.
"""

from __future__ import annotations

import itertools
import re
from typing import Final

import numpy as np

from data.grammar_fiction import FICTION
from data.grammar_nonfiction import NONFICTION
from data.words import MEN, SURNAMES, WOMEN

SHELVES: Final = FICTION | NONFICTION
GENRES: Final = tuple(SHELVES)

_SLOT = re.compile(r"\{(\w+)\}")
_TRIES = 40
_INITIALS = "ABCDEFGHJKLMNOPRSTVW"


class Bag:
    """Words drawn without replacement until the bag is empty, then refilled and shuffled.

    A plain random draw repeats some words long before it has used the others, and a reader of a list of
    titles notices.
    """

    def __init__(self, words: tuple[str, ...], rng: np.random.Generator):
        self._words = words
        self._rng = rng
        self._left: list[int] = []

    def draw(self) -> str:
        """Return the next word."""
        if not self._left:
            self._left = self._rng.permutation(len(self._words)).tolist()
        return self._words[self._left.pop()]


class TitleMaker:
    """Distinct titles, shelf by shelf.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of every choice: the same state and the same calls give the same titles.
    """

    def __init__(self, rng: np.random.Generator):
        self._templates = {genre: Bag(shelf.templates, rng) for genre, shelf in SHELVES.items()}
        self._words = {
            (genre, name): Bag(words, rng)
            for genre, shelf in SHELVES.items()
            for name, words in shelf.banks.items()
        }
        self._taken: set[str] = set()

    def title(self, genre: str) -> str:
        """Return a title of `genre` (one of `GENRES`) that this maker has not returned before."""
        for _ in range(_TRIES):
            text = self._compose(genre)
            if text not in self._taken:
                break
        # A catalogue far larger than the grammar: publishers continue a success, and so does this shop.
        volumes = (f"{text}, Volume {number}" for number in itertools.count(2))
        text = next(name for name in itertools.chain([text], volumes) if name not in self._taken)
        self._taken.add(text)
        return text

    def _compose(self, genre: str) -> str:
        template = self._templates[genre].draw()
        filled = _SLOT.sub(lambda slot: self._words[genre, slot.group(1)].draw(), template)
        return tidy(filled)


def tidy(title: str) -> str:
    """Mend what filling a template breaks: "A Owl", "in A Hundred Maps", "the Sea and the Revolt"."""
    title = re.sub(r"\b([Aa]) (?=[AEIOU](?!ni))", r"\1n ", title)
    title = re.sub(r"(?<![:?]) (A|An|The)(?= )", lambda article: " " + article.group(1).lower(), title)
    return re.sub(r"(^|: )([a-z])", lambda start: start.group(1) + start.group(2).upper(), title)


def author_names(count: int, rng: np.random.Generator) -> list[str]:
    """Return `count` distinct author names.

    First names and surnames first; beyond half of those pairs a middle initial makes room.

    Raises
    ------
    ValueError
        If there are not that many names.
    """
    firsts = WOMEN + MEN
    pairs = len(firsts) * len(SURNAMES)
    middles = [""] if count <= pairs // 2 else ["", *(f"{initial}. " for initial in _INITIALS)]
    if count > pairs * len(middles):
        raise ValueError(f"at most {pairs * len(middles):,} author names can be made. Got {count:,} instead.")
    chosen = rng.choice(pairs * len(middles), size=count, replace=False)
    return [
        f"{firsts[index % len(firsts)]} {middles[index // pairs]}{SURNAMES[index % pairs // len(firsts)]}"
        for index in chosen.tolist()
    ]
