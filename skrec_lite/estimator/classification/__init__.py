"""Tabular estimators: they learn from a row of features for each (user, item) pair."""

from skrec_lite.estimator.classification.base_classifier import BaseClassifier
from skrec_lite.estimator.classification.lightgbm_classifier import LightGBMClassifierEstimator
from skrec_lite.estimator.classification.sklearn_estimator import SklearnEstimator
from skrec_lite.estimator.classification.xgb_classifier import XGBClassifierEstimator

__all__ = ["BaseClassifier", "LightGBMClassifierEstimator", "SklearnEstimator", "XGBClassifierEstimator"]
