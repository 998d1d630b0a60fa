"""The conformance suite on every tabular estimator."""

from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression, RidgeClassifier

from skrec_lite import LightGBMClassifierEstimator, SklearnEstimator, XGBClassifierEstimator
from tests.estimator.tabular_conformance import RankingConformance, TabularEstimatorConformance


class TestXGBoost(TabularEstimatorConformance):
    rounds = 12

    @classmethod
    def make(cls):
        return XGBClassifierEstimator({"n_estimators": 12, "max_depth": 3, "subsample": 0.8})


class TestXGBoostRanking(RankingConformance):
    rounds = 15

    @classmethod
    def make(cls):
        return XGBClassifierEstimator({"objective": "rank:ndcg", "n_estimators": 15, "max_depth": 3})


class TestXGBoostPairwise(RankingConformance):
    rounds = 15

    @classmethod
    def make(cls):
        return XGBClassifierEstimator({"objective": "rank:pairwise", "n_estimators": 15, "max_depth": 3})


class TestXGBoostMAP(RankingConformance):
    rounds = 15

    @classmethod
    def make(cls):
        return XGBClassifierEstimator({"objective": "rank:map", "n_estimators": 15, "max_depth": 3})


class TestLightGBM(TabularEstimatorConformance):
    rounds = 25

    @classmethod
    def make(cls):
        return LightGBMClassifierEstimator({"n_estimators": 25, "subsample": 0.8, "subsample_freq": 1})


class TestLambdaRank(RankingConformance):
    rounds = 25

    @classmethod
    def make(cls):
        return LightGBMClassifierEstimator({"objective": "lambdarank", "n_estimators": 25})


class TestLogisticRegression(TabularEstimatorConformance):
    @classmethod
    def make(cls):
        return SklearnEstimator(LogisticRegression(C=3.0))


class TestHistGradientBoosting(TabularEstimatorConformance):
    @classmethod
    def make(cls):
        return SklearnEstimator(HistGradientBoostingClassifier(max_iter=15, random_state=0))


class TestDecisionFunction(TabularEstimatorConformance):
    gives_probabilities = False

    @classmethod
    def make(cls):
        return SklearnEstimator(RidgeClassifier())


class TestRegressor(TabularEstimatorConformance):
    gives_probabilities = False

    @classmethod
    def make(cls):
        return SklearnEstimator(RandomForestRegressor(20, random_state=0, min_samples_leaf=3))
