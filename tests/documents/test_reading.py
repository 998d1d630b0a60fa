"""What the pages on reading the charts promise: an entry for every chart, figures that a run gives."""

import re
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from tests.documents.claims import CLAIMS
from tests.documents.drawn_charts import keys_of_charts
from tests.documents.sample_figures import SampleFigures

DOCS = Path(__file__).parents[2] / "docs"
NAMES = ("two-minutes.md", "reading-the-charts.md", "reading-compare.md")
TEXT = "\n".join((DOCS / name).read_text() for name in NAMES)
EXAMPLES = re.findall(r"- \*\*On the sample:\*\* (.+?)(?=\n\n|\n- |\Z)", TEXT, flags=re.DOTALL)
NUMBER = r"(?<![\d.])([+-]?(?:\d[\d,]*)?\.?\d+)"


def flat(text):
    """One line, with the words of a link instead of the link."""
    return " ".join(re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", text).split())


def found(claim, text):
    return list(re.finditer(re.escape(claim).replace(r"\#", NUMBER), flat(text)))


@lru_cache(maxsize=1)
def figures():
    return SampleFigures()


def test_every_chart_has_an_entry_and_every_entry_a_chart():
    told = {key for part in re.findall(r"<!-- charts: (.+?) -->", TEXT) for key in part.split(", ")}
    assert len(told) > 25
    assert told == keys_of_charts()


def test_every_entry_says_what_it_can_tell_and_what_it_cannot():
    entries = re.split(r"^#{2,3} ", TEXT, flags=re.MULTILINE)[1:]
    charts = [entry for entry in entries if "<!-- charts:" in entry]
    assert len(charts) > 20
    for entry in charts:
        title = entry.partition("\n")[0]
        assert "**Cannot tell:**" in entry, title
        assert "**On the sample:**" in entry, title
        assert "**Axes:**" in entry or "](reading-compare.md#" in entry, title


@pytest.mark.parametrize("claim", CLAIMS)
def test_the_numbers_of_the_examples_are_those_of_a_run(claim):
    written = found(claim, TEXT)
    assert len(written) == 1, f"said {len(written)} times: {claim}"
    real = list(CLAIMS[claim](figures()))
    for number, value in zip(written[0].groups(), real, strict=True):
        # A rounding, and as much as the order in which another processor adds up may change.
        unit = 10.0 ** -len(number.partition(".")[2])
        told = float(number.replace(",", ""))
        assert told == pytest.approx(float(value), abs=1.5 * unit, rel=0.01), (number, value)


def test_learned_vectors_are_above_popularity_and_that_above_chance_at_every_k():
    assert "well above chance, the dotted grey line; learned vectors are above it at every k" in flat(TEXT)
    curves = figures().result.recall_curves
    chance = np.arange(1, 201) / figures().data.n_items
    assert (curves["embedding"] > curves["popularity"]).all()
    assert (curves["popularity"] > 2 * chance).all()


def test_a_new_item_is_never_found_by_its_vector():
    assert "embedding can never give it" in flat(TEXT)
    assert figures().ranks_of_a_new_one()[2] == 0


def test_no_example_has_a_number_that_nobody_checks():
    assert len(EXAMPLES) > 25
    for example in EXAMPLES:
        spans = [one.span() for claim in CLAIMS for one in found(claim, example)]
        for number in re.finditer(r"(?<![\d@])\d*\.\d+", flat(example)):
            assert any(start <= number.start() < end for start, end in spans), (number[0], example)
