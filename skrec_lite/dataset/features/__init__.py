"""Turn columns into numbers that models and cosines can use."""

from skrec_lite.dataset.features.choosing import FEATURE_KINDS
from skrec_lite.dataset.features.feature_report import FeatureReport
from skrec_lite.dataset.features.item_features import ItemFeatures, prepare_item_features
from skrec_lite.dataset.features.user_features import UserFeatures, prepare_user_features

__all__ = [
    "FEATURE_KINDS",
    "FeatureReport",
    "ItemFeatures",
    "UserFeatures",
    "prepare_item_features",
    "prepare_user_features",
]
