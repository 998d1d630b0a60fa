"""People who come to a fresh server at the same moment do not get in each other's way."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from urllib.parse import urlsplit

from benchmarks.visitor import Visitor
from tests.browser.conftest import serving

TOGETHER = 4
ROUNDS = 12


def test_sessions_that_arrive_at_once_share_no_page(tmp_path):
    """A page notes whether it may be run: shared, one session would find that another has taken that back."""
    with serving(tmp_path) as address:
        port = urlsplit(address).port
        start = Barrier(TOGETHER)
        titles = ("Data", "Train", "Learn", "Runs")

        def visit(place):
            said = []
            for turn in range(ROUNDS):
                visitor = Visitor(port)
                start.wait(60)
                visitor.open()
                said += visitor.drawn.exceptions
                start.wait(60)
                visitor.go(titles[(place + turn) % len(titles)])
                said += visitor.drawn.exceptions
                visitor.close()
            return said

        with ThreadPoolExecutor(TOGETHER) as pool:
            said = list(pool.map(visit, range(TOGETHER)))
    assert said == [[]] * TOGETHER
