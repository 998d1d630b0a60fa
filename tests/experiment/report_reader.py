"""Read a report as strictly as can be: as XML, and as the HTML that a browser parses."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser

import pandas as pd

VOID = {"meta", "br", "hr", "img", "link", "wbr"}


class Checker(HTMLParser):
    """Collects every element with its attributes and every text, and what is not closed as it was opened."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.elements, self.faults, self.texts = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, attrs))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, attrs))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "script"):
            self.texts.append(data)


def parsed(page):
    """Return what a browser's parser sees."""
    checker = Checker()
    checker.feed(page)
    checker.close()
    return checker


def tree(page):
    """Return the page as XML; raises where it is not well-formed."""
    return ElementTree.fromstring(page.removeprefix("<!DOCTYPE html>"))


def words(element):
    """Return all text of an element."""
    return " ".join("".join(element.itertext()).split())


def table(page, caption):
    """Return the table whose caption starts so, its first column as index."""
    for element in tree(page).iter("table"):
        if words(element.find("caption")).startswith(caption):
            heads = [words(head) for head in element.find("thead").iter("th")]
            rows = [[words(cell) for cell in row] for row in element.find("tbody")]
            return pd.DataFrame(rows, columns=heads).set_index(heads[0])
    raise AssertionError(f"no table is called {caption!r}")
