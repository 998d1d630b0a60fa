"""Tabular classifiers: they learn from a row of features for each (user, item) pair."""

from skrec_lite.estimator.classification.base_classifier import BaseClassifier
from skrec_lite.estimator.classification.xgb_classifier import XGBClassifierEstimator

__all__ = ["BaseClassifier", "XGBClassifierEstimator"]
