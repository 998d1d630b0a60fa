"""Read, check and encode interactions, items and users."""

from skrec_lite.dataset.columns.mapping import (
    ColumnMapping,
    ItemMapping,
    MappedTable,
    apply_interaction_mapping,
    apply_item_mapping,
    guess_interaction_columns,
    guess_item_columns,
)
from skrec_lite.dataset.encode import EncodedLog, encode_interactions
from skrec_lite.dataset.encoded import EncodedInteractions
from skrec_lite.dataset.features.item_features import ItemFeatures, prepare_item_features
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.dataset.interactions_dataset import InteractionsDataset
from skrec_lite.dataset.items_dataset import ItemsDataset
from skrec_lite.dataset.reading import SourceFile, TableRead, open_files, read_table
from skrec_lite.dataset.recipe import Loaded, Recipe, apply_recipe, guess_recipe, load
from skrec_lite.dataset.report.checks import DataSummary, Finding, check_interactions, check_items, summarise
from skrec_lite.dataset.report.repairs import Repair, apply_repair
from skrec_lite.dataset.samples import SAMPLES, load_sample
from skrec_lite.dataset.tables import Tables
from skrec_lite.dataset.users_dataset import UsersDataset

__all__ = [
    "SAMPLES",
    "ColumnMapping",
    "DataSummary",
    "EncodedInteractions",
    "EncodedLog",
    "Finding",
    "IdMap",
    "InteractionsDataset",
    "ItemFeatures",
    "ItemMapping",
    "ItemsDataset",
    "Loaded",
    "MappedTable",
    "Recipe",
    "Repair",
    "SourceFile",
    "TableRead",
    "Tables",
    "UsersDataset",
    "apply_interaction_mapping",
    "apply_item_mapping",
    "apply_recipe",
    "apply_repair",
    "check_interactions",
    "check_items",
    "encode_interactions",
    "guess_interaction_columns",
    "guess_item_columns",
    "guess_recipe",
    "load",
    "load_sample",
    "open_files",
    "prepare_item_features",
    "read_table",
    "summarise",
]
