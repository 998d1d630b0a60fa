"""Training of networks to a quality: how long until ours is as good as scikit-rec's after five epochs."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import mean
from typing import Any

from benchmarks.bench import Bench
from benchmarks.measure import Bound, Reading, Row
from benchmarks.processes import Worker

#: How ours is trained, beside its defaults: as many epochs as reach the peer's quality, and of two towers,
#: which are past it within one, as many small steps.
NCF: dict[str, Any] = {"epochs": 1}
TWO_TOWER: dict[str, Any] = {"epochs": 1, "steps_per_epoch": 400, "batch_size": 256, "max_history": 20}
#: scikit-rec at a batch size that it is far faster at than at its default of 32; no search found it.
THEIRS: dict[str, Any] = {"epochs": 5, "batch_size": 4096}

#: Share of the data that each side warms up on.
_WARM_UP = 0.02
#: Epochs by default, on both sides, and the share of one that the peer is measured on by its defaults.
_DEFAULT_EPOCHS, _DEFAULT_SHARE = 10, 0.02


def ncf(bench: Bench) -> Iterator[Row]:
    """NeuMF on ids: time to the peer's HR@10, then what the defaults of both would take."""
    ours, peer = bench.own("networks"), bench.peer("scikit_rec_networks")
    row = bench.row(
        "ncf",
        "NeuMF, time to its HR@10",
        lambda number: _train(ours, "train_ncf", number, **NCF),
        (lambda number: _train(peer, "train_ncf", number, **THEIRS)) if peer else None,
        repeat=3,
        peer="scikit-rec 0.4.2, batch 4096, 5 epochs",
        aims=(Bound("ratio", 2), Bound("hit_ratio", 1)),
    )
    row.extra.update(_qualities("hit", "hit_rate", row.ours, row.theirs))
    yield row
    if peer is None:
        return
    # Taken as proportional to the steps; what each side sets up once is multiplied as well.
    yield bench.row(
        "ncf",
        "NeuMF by the defaults of both (10 epochs)",
        lambda number: _scaled(_train(ours, "train_ncf", number, epochs=1), _DEFAULT_EPOCHS),
        lambda number: _scaled(
            peer.ask("train_ncf", seed=number + 1, epochs=1, share=_DEFAULT_SHARE, measured=False),
            _DEFAULT_EPOCHS / _DEFAULT_SHARE,
        ),
        repeat=3,
        peer="scikit-rec 0.4.2, from 2 % of an epoch",
        aims=(Bound("ratio", 20),),
    )


def two_tower(bench: Bench) -> Iterator[Row]:
    """Two towers on ids: time until our retriever finds what the peer's own scores would in 200."""
    ours, peer = bench.own("networks"), bench.peer("scikit_rec_networks")

    def theirs(number: int) -> Reading:
        assert peer is not None
        reading = _train(peer, "train_two_tower", number, **THEIRS)
        # Its retriever compares vectors of two spaces and finds next to nothing, so its scores are asked.
        return {**reading, "recall": bench.ours().ask("recall_of", file="skrec_towers.npz")["recall"]}

    row = bench.row(
        "two-tower",
        "two towers, time to its recall@200",
        lambda number: _train(ours, "train_two_tower", number, **TWO_TOWER),
        theirs if peer else None,
        repeat=3,
        peer="scikit-rec 0.4.2, batch 4096, 5 epochs",
        aims=(Bound("ratio", 3), Bound("recall_ratio", 1)),
    )
    row.extra.update(_qualities("recall", "recall", row.ours, row.theirs))
    yield row
    bench.release("networks")
    bench.release("scikit_rec_networks")


def _train(worker: Worker, step: str, number: int, **settings: Any) -> Reading:
    share = _WARM_UP if number < 0 else 1.0
    return worker.ask(step, seed=number + 1, share=share, **settings)


def _scaled(reading: Reading, times: float) -> Reading:
    return {clock: times * reading[clock] for clock in ("wall", "cpu")}


def _qualities(name: str, key: str, ours: list[Reading], theirs: list[Reading]) -> dict[str, float]:
    """Return the mean quality of both sides and ``<name>_ratio``: ours is no faster if it is not as good."""
    found = {key: mean(reading[key] for reading in ours)}
    if theirs:
        found[f"peer_{key}"] = mean(reading[key] for reading in theirs)
        found[f"{name}_ratio"] = found[key] / found[f"peer_{key}"]
    return found
