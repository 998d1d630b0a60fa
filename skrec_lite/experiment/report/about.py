"""The first sections of a report: what was asked and answered, on what data, how configured, how split."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

from skrec_lite.dataset.recipe import ROLES, TablePlan
from skrec_lite.dataset.time_split import SPLITS
from skrec_lite.experiment.choices.config import ExperimentConfig
from skrec_lite.experiment.choices.estimator_specs import ESTIMATORS
from skrec_lite.experiment.data import LabData
from skrec_lite.experiment.figures.difference_words import name_in_a_sentence
from skrec_lite.experiment.figures.verdict import full_catalogue_verdict, ranker_verdict, verdict
from skrec_lite.experiment.report.markup import Child, Html, bullets, joined, table, tag
from skrec_lite.experiment.report.words import counted, duration, listed, number
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.splitting.split import SplitConfig


def answer(result: ExperimentResult) -> Html:
    """Return what was asked, and the answer with its certainty."""
    config = result.config
    names = [name_in_a_sentence(key) for key in result.runs]
    asked = (
        f"Asked: of what {counted(len(result.user_ids), 'user')} chose next ({result.split.summary.cut}), "
        f"how much do pools of {config.top_k:,} candidates by {listed(names)} hold, out of "
        f"{len(result.items):,} items, and how much reaches a list of {config.n:,} ordered by "
        f"{ESTIMATORS[config.estimator].label}?"
    )
    return joined(
        [
            tag("p", verdict(result).sentence, class_="answer"),
            tag("p", asked),
            tag("h3", "Is the ranker worth it?"),
            bullets(ranker_verdict(result, key) for key in result.runs),
            tag("h3", "What does retrieval cost in quality?"),
            bullets(full_catalogue_verdict(result, key) for key in result.runs),
        ]
    )


def data(result: ExperimentResult) -> Html:
    """Return what the data is: its counts, its files and recipe, what is odd about it, what was repaired."""
    given = result.data
    summary = given.summary
    rows: list[tuple[str, Child]] = [
        ("Users", f"{summary.n_users:,}"),
        ("Items", f"{summary.n_items:,}"),
        ("Interactions", f"{summary.n_interactions:,}"),
        ("Density", f"{100 * summary.density:.3g} % of all pairs of user and item"),
        ("Interactions of a user", f"median {number(summary.median_history)}"),
    ]
    if summary.first is not None and summary.last is not None:
        rows.append(("Time", f"{summary.first:%Y-%m-%d} to {summary.last:%Y-%m-%d}"))
    if given.features is not None:
        rows.append(("Features of an item", f"{given.features.frame.shape[1] - 1:,} columns for the models"))
    findings = [f"{found.title}: {found.message}" for found in given.findings if found.severity != "info"]
    repaired = given.loaded.repaired if given.loaded is not None else ()
    return joined(
        [
            table(f"The data: {given.name}", ("", "As the models get it"), rows, n_words=2),
            _recipe(given),
            tag("h3", "What was repaired"),
            bullets(done.note for done in repaired) or tag("p", "Nothing."),
            tag("h3", "What is odd about it"),
            bullets(findings) or tag("p", "Nothing that costs quality or honesty was found."),
        ]
    )


def _recipe(given: LabData) -> Html | None:
    if given.loaded is None or not given.loaded.recipe.tables:
        return None
    recipe = given.loaded.recipe
    files = [
        (plan.file, ROLES[plan.role], _parts(plan), plan.why)
        for plan in recipe.tables
        if plan.role != "ignored"
    ]
    choices = [
        *(f"Event {kind!r} counts {weight:g}." for kind, weight in recipe.event_weights.items()),
        *(
            [f"Outcomes below {recipe.likes_from:g} are left out, the others count 1."]
            if recipe.likes_from
            else []
        ),
        *(["Rows that cannot be used are left out."] if recipe.drop_bad_rows else []),
        *(
            f"Column {column!r} of the {whose} is taken as {kind}."
            for whose, kinds in (("items", recipe.item_kinds), ("users", recipe.user_kinds))
            for column, kind in kinds.items()
        ),
    ]
    return joined(
        [
            table("Its files", ("File", "Holds", "Columns", "Why"), files, n_words=4),
            bullets(choices),
            tag(
                "details",
                tag("summary", "The whole recipe"),
                tag(
                    "pre", tag("code", json.dumps(json.loads(recipe.to_json()), indent=1, ensure_ascii=False))
                ),
            ),
        ]
    )


def _parts(plan: TablePlan) -> str:
    return ", ".join(f"{part}: {column}" for part, column in plan.columns.items() if column)


def configuration(result: ExperimentResult) -> Html:
    """Return every setting beside its default; what differs from it is marked."""
    rows = list(settings(result.config))
    changed = sum(value != default for _, value, default in rows)
    return joined(
        [
            tag("p", f"Not the default: {changed} of {len(rows)} settings, in bold.")
            if changed
            else tag("p", "Every setting has its default."),
            _settings_table(rows),
        ]
    )


def settings(config: ExperimentConfig) -> Iterator[tuple[str, str, str]]:
    """Yield every setting: its name, its value and its default, as text."""
    default = ExperimentConfig()
    for each in fields(ExperimentConfig):
        value = getattr(config, each.name)
        if each.name == "params":
            yield from _parameters("params", config.estimator, value)
        elif each.name == "retrieval_params":
            if not ESTIMATORS[config.estimator].has_embeddings:
                yield from _parameters("retrieval_params", "mf_implicit", value)
        elif each.name == "split":
            for part in fields(SplitConfig):
                inner = (_word(getattr(split, part.name)) for split in (value, default.split))
                yield (f"split.{part.name}", *inner)  # type: ignore[misc]
        else:
            yield each.name, _word(value), _word(getattr(default, each.name))


def _parameters(name: str, estimator: str, given: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for parameter in ESTIMATORS[estimator].parameters:
        default = parameter.default
        yield f"{name}.{parameter.name}", _word(given.get(parameter.name, default)), _word(default)


def _word(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_word(inner)}" for key, inner in value.items()) or "none"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_word, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,g}" if isinstance(value, float) else str(value)


def _settings_table(rows: Sequence[tuple[str, str, str]]) -> Html:
    head = tag("tr", [tag("th", name, scope="col") for name in ("Setting", "Value", "Default")])
    body = [
        tag(
            "tr",
            tag("th", name, scope="row"),
            tag("td", value),
            tag("td", default),
            class_="changed" if value != default else None,
        )
        for name, value, default in rows
    ]
    caption = "The configuration, every setting of it"
    whole = tag("table", tag("caption", caption), tag("thead", head), tag("tbody", body))
    return tag("div", whole, class_="wide", tabindex=0, role="region", aria_label=caption)


def split(result: ExperimentResult) -> Html:
    """Return how the data was split, who was measured and who not, and what the leak check found."""
    summary = result.split.summary
    ordered = "by time" if summary.ordered_by == "time" else "by their order in the file, for want of a time"
    repeats = (
        f"{counted(summary.n_repeats, 'held-out pair')} not counted: already chosen in training"
        if result.config.exclude_seen
        else "counted, since seen items may be recommended again"
    )
    rows = [
        ("Split", f"{SPLITS[summary.kind].label}: {summary.cut}, ordered {ordered}"),
        ("Measured part", summary.part),
        ("Interactions", f"{summary.n_train:,} to learn from, {summary.n_test:,} in the part measured"),
        ("Users measured", f"{summary.n_users_measured:,}"),
        ("Held-out items", f"{int(result.split.n_held_out.sum()):,}"),
        ("Left out, nothing held out", counted(summary.n_users_without_holdout, "user")),
        ("Apart, no history", counted(summary.n_users_without_history, "user")),
        ("Repeats", repeats),
        (
            "Out of reach",
            f"{counted(summary.n_unreachable, 'held-out item')} not in the catalogue at training, counted "
            "against every retriever",
        ),
        ("Seen items", "withheld from pools and lists" if result.config.exclude_seen else "may come again"),
        ("Training the ranker", duration(result.train_seconds)),
    ]
    checks = [(check.name, check.outcome, check.sentence) for check in result.split.leak_check.checks]
    return joined(
        [
            table("How the data was split, and who was measured", ("", ""), rows, n_words=2),
            tag("p", SPLITS[summary.kind].caveat),
            tag("h3", "Leak check"),
            tag("p", result.split.leak_check.sentence),
            table(
                "What was checked before anything was trained",
                ("Check", "Outcome", "Found"),
                checks,
                n_words=3,
            ),
        ]
    )
