"""Train: the form makes the configuration that is run; it remembers, refuses and explains."""

from __future__ import annotations

import numpy as np
import pytest

from pages.components.identity import LOOKS
from pages.components.session import FinishedRun, Lab
from pages.components.text import plain
from skrec_lite import PopularityRetriever
from skrec_lite.dataset.split_kinds import SPLITS
from skrec_lite.experiment import (
    ESTIMATORS,
    RETRIEVERS,
    Choice,
    ExperimentConfig,
    LabData,
    RetrieverSpec,
    SplitConfig,
    register_retriever,
    run_experiment,
    verdict,
)
from tests.pages.driving import finish, go, lab_of, metric, open_app, texts


@pytest.fixture
def train_app(app):
    return go(app, "train")


@pytest.fixture
def asked(monkeypatch):
    """The configurations that runs were started with; nothing is trained."""
    configs = []

    def record(data, config, progress, cancel):
        configs.append(config)

    monkeypatch.setattr("pages.components.session.run_experiment", record)
    return configs


def run(app):
    app.button(key="train_run").click().run()
    return finish(app)


def parameter_keys(app) -> set[str]:
    starts = tuple(f"train_{key}_" for key in (*ESTIMATORS, "retrieval"))
    inputs = [*app.number_input, *app.selectbox]
    return {shown.key for shown in inputs if str(shown.key).startswith(starts)}


def test_untouched_form_runs_the_defaults(train_app, asked):
    assert not train_app.exception
    run(train_app)
    assert len(asked) == 1
    config, default = asked[0], ExperimentConfig()
    assert (config.estimator, config.retrievers, config.top_k, config.n) == (
        default.estimator,
        default.retrievers,
        default.top_k,
        default.n,
    )
    assert (config.split, config.exclude_seen, config.seed) == (default.split, True, 0)
    assert config.params == {
        parameter.name: parameter.default for parameter in ESTIMATORS["mf_implicit"].parameters
    }


def test_every_choice_reaches_the_run(train_app, asked):
    train_app.selectbox(key="train_estimator").set_value("xgboost").run()
    train_app.number_input(key="train_xgboost_max_depth").set_value(3).run()
    train_app.selectbox(key="train_xgboost_objective").set_value("rank:ndcg").run()
    train_app.number_input(key="train_retrieval_mf_implicit_n_factors").set_value(8).run()
    train_app.segmented_control(key="train_ranker_training").set_value("catalogue").run()
    train_app.pills(key="train_retrievers").set_value(["popularity", "merged", "embedding"]).run()
    train_app.selectbox(key="train_merge_method").set_value("quota").run()
    train_app.number_input(key="train_merge_weight_embedding").set_value(2.5).run()
    train_app.number_input(key="train_top_k").set_value(60).run()
    train_app.number_input(key="train_n").set_value(7).run()
    train_app.segmented_control(key="train_split").set_value("global_time").run()
    train_app.slider(key="train_fraction").set_value(30).run()
    train_app.toggle(key="train_exclude_seen").set_value(False).run()
    train_app.number_input(key="train_seed").set_value(5).run()
    train_app.number_input(key="train_max_users").set_value(100).run()
    train_app.number_input(key="train_n_seeds").set_value(2).run()
    run(train_app)
    config = asked[0]
    assert config.estimator == "xgboost"
    assert config.params == {
        "n_estimators": 200,
        "max_depth": 3,
        "learning_rate": 0.05,
        "objective": "rank:ndcg",
        "early_stopping_patience": 0,
    }
    assert config.retrieval_params["n_factors"] == 8
    assert config.retrievers == ("embedding", "popularity", "merged")
    assert (config.merge_method, config.merge_weights) == ("quota", {"embedding": 2.5, "popularity": 1.0})
    assert config.ranker_training == "catalogue"
    assert (config.top_k, config.n, config.seed, config.max_users) == (60, 7, 5, 100)
    assert config.n_seeds == 2
    assert config.split == SplitConfig("global_time", test_fraction=0.3)
    assert config.exclude_seen is False


@pytest.mark.parametrize("key", list(ESTIMATORS))
def test_each_estimator_shows_its_own_parameters_with_their_help(train_app, key):
    train_app.selectbox(key="train_estimator").set_value(key).run()
    spec = ESTIMATORS[key]
    expected = {f"train_{key}_{parameter.name}" for parameter in spec.parameters}
    if not spec.has_embeddings:
        expected |= {f"train_retrieval_mf_implicit_{p.name}" for p in ESTIMATORS["mf_implicit"].parameters}
    assert parameter_keys(train_app) == expected
    for parameter in spec.parameters:
        if isinstance(parameter, Choice):
            shown = train_app.selectbox(key=f"train_{key}_{parameter.name}")
            assert shown.value == parameter.default
            assert shown.options == [parameter.labels[option] for option in parameter.options]
        else:
            shown = train_app.number_input(key=f"train_{key}_{parameter.name}")
            assert (shown.value, shown.min, shown.max) == (parameter.default, parameter.low, parameter.high)
        assert shown.help == parameter.help
    assert plain(spec.summary).replace("\\", "") in texts(train_app).replace("\\", "")


def test_choices_outlive_a_page_switch_and_a_detour_to_another_estimator(train_app):
    train_app.number_input(key="train_mf_implicit_n_factors").set_value(12).run()
    train_app.number_input(key="train_top_k").set_value(80).run()
    train_app.pills(key="train_retrievers").set_value(["content"]).run()
    train_app.toggle(key="train_exclude_seen").set_value(False).run()
    train_app.selectbox(key="train_estimator").set_value("mf_sgd").run()
    go(train_app, "data")
    go(train_app, "train")
    assert train_app.selectbox(key="train_estimator").value == "mf_sgd"
    assert train_app.number_input(key="train_top_k").value == 80
    assert train_app.pills(key="train_retrievers").value == ["content"]
    assert train_app.toggle(key="train_exclude_seen").value is False
    train_app.selectbox(key="train_estimator").set_value("mf_implicit").run()
    assert train_app.number_input(key="train_mf_implicit_n_factors").value == 12


def test_no_retriever_is_refused_with_a_reason(train_app):
    train_app.pills(key="train_retrievers").set_value([]).run()
    assert train_app.error[0].value == "Choose at least one retriever."
    assert train_app.button(key="train_run").disabled


def test_list_longer_than_the_pool_is_refused_with_a_reason(train_app):
    train_app.number_input(key="train_top_k").set_value(5).run()
    assert "a pool of 5 cannot fill a list of 10" in train_app.error[0].value
    assert train_app.button(key="train_run").disabled
    train_app.number_input(key="train_n").set_value(5).run()
    assert not train_app.error
    assert not train_app.button(key="train_run").disabled


def test_rule_of_thumb_follows_the_list(train_app):
    train_app.number_input(key="train_n").set_value(20).run()
    assert "here 200 to 400" in texts(train_app)


def test_without_time_no_split_by_time_is_offered_and_why(small_data):
    timeless = LabData(small_data.interactions.drop(columns="TIMESTAMP"), name="Timeless")
    app = go(open_app(Lab(timeless)), "train")
    assert app.segmented_control(key="train_split").options == ["Leave last out", "Random (ignores time)"]
    assert "the data has no time column" in texts(app)


def test_random_is_offered_last_and_warns_of_what_it_breaks(train_app, asked):
    control = train_app.segmented_control(key="train_split")
    assert control.options == ["Leave last out", "Global time", "Random (ignores time)"]
    warning = f":material/warning: {SPLITS['random'].caveat}"
    assert warning not in texts(train_app)
    control.set_value("random").run()
    assert warning in texts(train_app)
    train_app.slider(key="train_random_fraction").set_value(35).run()
    run(train_app)
    assert asked[0].split == SplitConfig("random", test_fraction=0.35)


def test_settings_are_chosen_on_validation_and_the_screen_says_why(train_app, asked):
    control = train_app.segmented_control(key="train_part")
    assert (control.value, control.options) == ("test", ["Test", "Validation"])
    assert "Measure on validation while you choose settings, on test once at the end" in texts(train_app)
    control.set_value("validation").run()
    assert "The test part is set aside: no model and no figure sees it." in texts(train_app)
    train_app.number_input(key="train_held_out").set_value(2).run()
    go(train_app, "data")
    go(train_app, "train")
    run(train_app)
    assert asked[0].split == SplitConfig("leave_last_out", n_held_out=2, part="validation")


def test_a_given_split_offers_validation_only_where_it_marks_one(small_data, asked):
    n = len(small_data.interactions)
    marked = small_data.interactions.assign(SPLIT=np.resize(["train", "train", "test"], n))
    app = go(open_app(Lab(LabData(marked, small_data.items))), "train")
    assert app.segmented_control(key="train_split").options[0] == "Given"
    assert app.segmented_control(key="train_part").options == ["Test"]
    assert "marks no validation part" in texts(app)
    three = small_data.interactions.assign(SPLIT=np.resize(["train", "valid", "test"], n))
    app = go(open_app(Lab(LabData(three, small_data.items))), "train")
    assert "Its validation part is trained on" in texts(app)
    app.segmented_control(key="train_part").set_value("validation").run()
    assert "The data's own validation part is measured." in texts(app)
    run(app)
    assert asked[0].split == SplitConfig("given", part="validation")
    # Data without that part brings the choice back to what it allows.
    lab_of(app).data = LabData(marked, small_data.items)
    app.run()
    assert not app.exception
    assert app.segmented_control(key="train_part").value == "test"


def test_choices_the_new_data_does_not_allow_are_brought_back(train_app, small_data):
    train_app.segmented_control(key="train_split").set_value("global_time").run()
    train_app.number_input(key="train_top_k").set_value(40).run()
    few = small_data.interactions["ITEM_ID"].drop_duplicates().head(30)
    kept = small_data.interactions[small_data.interactions["ITEM_ID"].isin(few)]
    lab_of(train_app).data = LabData(kept.drop(columns="TIMESTAMP"), name="Tiny")
    train_app.run()
    assert not train_app.exception
    assert train_app.segmented_control(key="train_split").value == "leave_last_out"
    assert train_app.number_input(key="train_top_k").value == 30
    assert "The pool holds the whole catalogue" in texts(train_app)
    lab_of(train_app).data = small_data
    assert train_app.run().number_input(key="train_top_k").value == 40


def test_a_pool_size_that_nobody_chose_goes_by_the_data(train_app, small_data):
    before = train_app.number_input(key="train_top_k").value
    few = small_data.interactions["ITEM_ID"].drop_duplicates().head(30)
    kept = small_data.interactions[small_data.interactions["ITEM_ID"].isin(few)]
    assert before != 15
    for data, size in ((LabData(kept, name="Tiny"), 15), (small_data, before)):
        lab_of(train_app).data = data
        assert train_app.run().number_input(key="train_top_k").value == size


def test_content_based_without_features_is_announced(small_data):
    app = go(open_app(Lab(LabData(small_data.interactions, name="Bare"))), "train")
    assert "content-based retrieval will sit out" in texts(app)


def test_a_ranker_that_no_vectors_carry_is_announced_before_it_is_trained(train_app):
    announced = "Embedding retrieval will sit out"
    train_app.selectbox(key="train_estimator").set_value("two_tower").run()
    assert announced not in texts(train_app)
    train_app.selectbox(key="train_two_tower_context_mode").set_value("scoring_layer").run()
    assert announced in texts(train_app)
    assert "set Context to Trilinear" in texts(train_app)
    assert "context_mode" not in texts(train_app)
    train_app.pills(key="train_retrievers").set_value(["popularity"]).run()
    assert announced not in texts(train_app)


def test_the_result_says_whose_it_is_though_the_form_has_moved_on(finished_app):
    go(finished_app, "train")
    finished_app.selectbox(key="train_estimator").set_value("ncf").run()
    captions = [shown.value for shown in finished_app.main.caption]
    assert plain("Matrix factorization (implicit), 50 candidates, top 5, on Small shop") in captions


@pytest.mark.parametrize("split", ["leave_last_out", "global_time"])
def test_a_real_run_shows_the_figures_of_the_library(train_app, small_data, split):
    train_app.number_input(key="train_mf_implicit_n_factors").set_value(8).run()
    train_app.number_input(key="train_mf_implicit_epochs").set_value(3).run()
    train_app.number_input(key="train_top_k").set_value(40).run()
    train_app.segmented_control(key="train_split").set_value(split).run()
    run(train_app)
    assert not train_app.exception
    config = ExperimentConfig(params={"n_factors": 8, "epochs": 3}, top_k=40, split=SplitConfig(split))
    same = run_experiment(small_data, config)
    for key in same.runs:
        assert metric(train_app, RETRIEVERS[key].label) == f"{100 * same.recall_curves[key][-1]:.1f} of 100"
    assert plain(verdict(same).sentence) in texts(train_app)
    assert metric(train_app, "Users measured") == f"{same.split.summary.n_users_measured:,}"
    assert metric(train_app, "Users left out") == f"{150 - same.split.summary.n_users_measured:,}"


def test_tree_ranker_runs_with_three_retrievers(train_app):
    train_app.selectbox(key="train_estimator").set_value("xgboost").run()
    train_app.number_input(key="train_xgboost_n_estimators").set_value(5).run()
    train_app.number_input(key="train_top_k").set_value(30).run()
    run(train_app)
    assert lab_of(train_app).job.state == "done"
    assert tuple(lab_of(train_app).result.runs) == ExperimentConfig.retrievers


def test_data_that_cannot_be_split_fails_with_the_reason(small_data):
    once = small_data.interactions.drop_duplicates("USER_ID")
    app = go(open_app(Lab(LabData(once, name="Once"))), "train")
    run(app)
    assert not app.exception
    assert app.error[0].proto.title == "The run failed"
    assert "No user has both a history" in app.error[0].value
    assert not app.button(key="train_run").disabled


def test_an_earlier_run_can_be_shown_again(small_data, small_result):
    other = run_experiment(small_data, ExperimentConfig(params={"n_factors": 4, "epochs": 1}, top_k=20, n=5))
    app = open_app(Lab(small_data, runs=[FinishedRun(2, other), FinishedRun(1, small_result)], shown=2))
    go(app, "train")
    assert plain(verdict(other).sentence) in texts(app)
    chooser = app.selectbox(key="train_shown")
    assert chooser.value == 2
    assert chooser.options[1].startswith("1. Matrix factorization (implicit), 50 candidates, top 5")
    chooser.set_value(1).run()
    assert lab_of(app).result is small_result
    assert plain(verdict(small_result).sentence) in texts(app)
    assert "50 candidates, top 5" in app.sidebar.markdown[-1].value
    go(app, "home")
    assert plain(verdict(small_result).sentence) in texts(app)


def test_new_run_becomes_the_shown_one(finished_app, small_result):
    go(finished_app, "train")
    finished_app.number_input(key="train_mf_implicit_epochs").set_value(1).run()
    finished_app.number_input(key="train_top_k").set_value(20).run()
    run(finished_app)
    assert lab_of(finished_app).result is not small_result
    assert finished_app.selectbox(key="train_shown").value == 2


def test_merging_asks_for_two_others_and_weighs_only_where_weights_count(train_app):
    train_app.pills(key="train_retrievers").set_value(["content", "merged"]).run()
    assert "at least two other retrievers" in texts(train_app)
    assert train_app.button(key="train_run").disabled
    train_app.pills(key="train_retrievers").set_value(["content", "popularity", "merged"]).run()
    assert not train_app.button(key="train_run").disabled
    weights = [box.key for box in train_app.number_input if box.key.startswith("train_merge_weight")]
    assert weights == ["train_merge_weight_content", "train_merge_weight_popularity"]
    train_app.selectbox(key="train_merge_method").set_value("fallback").run()
    assert not [box for box in train_app.number_input if box.key.startswith("train_merge_weight")]


def test_only_a_ranker_on_features_is_asked_what_it_learns_on(train_app):
    assert "train_ranker_training" not in [control.key for control in train_app.segmented_control]
    train_app.selectbox(key="train_estimator").set_value("xgboost").run()
    assert train_app.segmented_control(key="train_ranker_training").value == "candidates"


def test_a_retriever_of_ones_own_can_be_chosen_and_has_a_look_of_its_own(small_data):
    spec = RetrieverSpec(
        "popular_again", "Popular again", "A twin.", lambda config: PopularityRetriever(top_k=config.top_k)
    )
    register_retriever(spec)
    try:
        app = go(open_app(Lab(small_data)), "train")
        assert LOOKS["popular_again"].badge in app.pills(key="train_retrievers").options
        app.number_input(key="train_top_k").set_value(30).run()
        app.pills(key="train_retrievers").set_value(["popularity", "popular_again", "merged"]).run()
        run(app)
        assert not app.exception
        runs = lab_of(app).result.runs
        assert list(runs) == ["popularity", "popular_again", "merged"]
        assert metric(app, "Popular again") == metric(app, "Popularity")
        for page in ("candidates", "rankings", "compare", "playground"):
            go(app, page)
            assert not app.exception, page
    finally:
        RETRIEVERS.pop("popular_again")
    looks = [(look.colour, look.dash, look.marker) for look in LOOKS.values()]
    assert len(set(looks)) == len(looks)
