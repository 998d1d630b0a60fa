"""The table for people, the JSON for programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.measure import Row

_HEADER = ("case", "what", "ours", "peer", "ratio", "CPU", "aim", "reached")


def table(rows: list[Row]) -> str:
    """Return the rows as a Markdown table, columns aligned."""
    lines = [_HEADER, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEADER))]
    text = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |"
        for line in lines
    ]
    text.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(text)


def write_json(rows: list[Row], about: dict[str, Any], path: Path) -> None:
    """Write everything that was measured, every repetition included."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"about": about, "rows": [_as_dict(row) for row in rows]}
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def _cells(row: Row) -> tuple[str, ...]:
    figures = row.figures
    peer = f"{row.peer}: {_amount(figures['peer_seconds'], row.peer_n)}" if row.theirs else "-"
    notes = []
    for name, key in (("recall", "recall"), ("HR@10", "hit_rate")):
        if f"peer_{key}" in figures:
            notes.append(f"{name} {figures[key]:.4f} / {figures[f'peer_{key}']:.4f}")
    if "peak_gib" in figures:
        others = f" / {figures['peer_peak_gib']:.1f}" if "peer_peak_gib" in figures else ""
        notes.append(f"peak {figures['peak_gib']:.1f}{others} GiB")
    if "engine_ratio" in figures:
        notes.append(f"its engine's predict alone: {figures['engine_ratio']:.2f} x our time")
    return (
        row.case,
        "; ".join([row.what, *notes]),
        _amount(figures["seconds"], row.n),
        peer,
        f"{figures['ratio']:.2f} x" if row.theirs else "-",
        f"{figures['cpu_ratio']:.2f} x" if row.theirs else "-",
        ", ".join(map(str, row.aims)) or "-",
        {True: "yes", False: "no", None: "-"}[row.reached],
    )


def _amount(seconds: float, n: int) -> str:
    if n == 1:
        return f"{seconds:.3g} s"
    return f"{n / seconds:,.0f}/s"


def _as_dict(row: Row) -> dict[str, Any]:
    return {
        "case": row.case,
        "what": row.what,
        "peer": row.peer if row.theirs else None,
        "users": row.n,
        "aims": [str(bound) for bound in row.aims],
        "reached": row.reached,
        "figures": {name: _rounded(value) for name, value in row.figures.items()},
        "ratios": [_rounded(ratio) for ratio in row.ratios],
        "share_of_machine_used_by_others": None if row.others is None else round(row.others, 3),
        "ours": [_rounded(reading) for reading in row.ours],
        "theirs": [_rounded(reading) for reading in row.theirs],
    }


def _rounded(value: Any) -> Any:
    """Return numbers with five significant digits: more would be noise, and a noisy diff."""
    if isinstance(value, dict):
        return {name: _rounded(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_rounded(part) for part in value]
    return float(f"{value:.5g}")
