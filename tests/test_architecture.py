"""Imports run one way: whoever reads the tree top to bottom has read the pipeline."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

#: From the outermost layer to the innermost; a file may import from its own layer and those after it.
LAYERS = (
    "app",
    "pages",
    "pages.components",
    "skrec_lite.__main__",
    "skrec_lite.experiment",
    "skrec_lite.recommender",
    "skrec_lite.metrics",
    "skrec_lite.explain",
    "skrec_lite.scorer",
    "skrec_lite.retriever",
    "skrec_lite.estimator",
    "skrec_lite.kernels",
    "skrec_lite.dataset",
    "skrec_lite.exceptions",
    "skrec_lite.constants",
)
# The package's front door re-exports every layer; the screens may enter by it, the library may not.
FRONT_DOOR = "skrec_lite"


def layer_of(module):
    inside = [layer for layer in LAYERS if module == layer or module.startswith(layer + ".")]
    return max(inside, key=len) if inside else None


def imports_of(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module
            # ``from package import module`` names a module too.
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def module_of(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


FILES = [
    path
    for path in [ROOT / "app.py", *ROOT.glob("pages/**/*.py"), *ROOT.glob("skrec_lite/**/*.py")]
    if path != ROOT / "skrec_lite" / "__init__.py"
]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_imports_only_inwards(path):
    own = layer_of(module_of(path))
    assert own is not None, f"{path} lies in no layer"
    for imported in imports_of(path):
        layer = layer_of(imported)
        if layer is not None:
            assert LAYERS.index(layer) >= LAYERS.index(own), f"{path} ({own}) imports {imported} ({layer})"
        elif imported == FRONT_DOOR:
            assert own in LAYERS[:3], f"{path}: inside the library, import the layer, not the front door"


@pytest.mark.parametrize(
    "path", sorted(ROOT.glob("skrec_lite/**/*.py")), ids=lambda path: str(path.relative_to(ROOT))
)
def test_the_library_never_imports_a_screen(path):
    roots = {name.split(".")[0] for name in imports_of(path)}
    assert not roots & {"streamlit", "plotly", "pages", "app"}


def test_every_layer_has_files():
    found = {layer_of(module_of(path)) for path in FILES}
    assert found == set(LAYERS)


@pytest.mark.parametrize("path", sorted(ROOT.glob("pages/*.py")), ids=lambda path: path.name)
def test_a_page_draws_and_does_not_compute(path):
    roots = {name.split(".")[0] for name in imports_of(path)}
    assert not roots & {"numpy", "pandas", "plotly", "scipy", "sklearn", "xgboost", "torch"}


def test_public_paths_of_the_contract():
    import importlib

    import skrec_lite

    paths = {
        "skrec_lite.constants": (
            "USER_ID_NAME ITEM_ID_NAME LABEL_NAME USER_EMBEDDING_NAME ITEM_EMBEDDING_NAME TIMESTAMP_COL"
        ),
        "skrec_lite.dataset.interactions_dataset": "InteractionsDataset",
        "skrec_lite.dataset.items_dataset": "ItemsDataset",
        "skrec_lite.dataset.users_dataset": "UsersDataset",
        "skrec_lite.estimator.embedding.matrix_factorization_estimator": (
            "MatrixFactorizationEstimator MFAlgorithm MFOutcomeType"
        ),
        "skrec_lite.estimator.embedding.ncf_estimator": "NCFEstimator",
        "skrec_lite.estimator.embedding.contextualized_two_tower_estimator": (
            "ContextualizedTwoTowerEstimator"
        ),
        "skrec_lite.estimator.classification.xgb_classifier": "XGBClassifierEstimator",
        "skrec_lite.scorer.universal": "UniversalScorer",
        "skrec_lite.recommender.ranking.ranking_recommender": "RankingRecommender",
        "skrec_lite.retriever": (
            "BaseCandidateRetriever EmbeddingRetriever ContentBasedRetriever PopularityRetriever"
        ),
        "skrec_lite.retriever.base_retriever": "BaseCandidateRetriever",
    }
    for path, names in paths.items():
        module = importlib.import_module(path)
        for name in names.split():
            assert getattr(module, name) is getattr(skrec_lite, name)
    values = [getattr(skrec_lite, name) for name in paths["skrec_lite.constants"].split()]
    assert values == ["USER_ID", "ITEM_ID", "OUTCOME", "EMBEDDING", "ITEM_EMBEDDING", "TIMESTAMP"]
