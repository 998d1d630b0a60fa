"""The conformance suite for every kind of NCF, and what is particular to it."""

from skrec_lite.estimator.embedding.ncf_estimator import NCFEstimator
from tests.estimator.embedding_conformance import EmbeddingEstimatorConformance


class Ncf(EmbeddingEstimatorConformance):
    kind = "neumf"

    @classmethod
    def make(cls, **changes):
        settings = {"gmf_embedding_dim": 8, "mlp_embedding_dim": 8, "mlp_layers": [16, 8]}
        return NCFEstimator(cls.kind, **{**settings, "epochs": 12, "learning_rate": 0.01, **changes})


class TestGmf(Ncf):
    kind = "gmf"
    is_linear = True


class TestMlp(Ncf):
    kind = "mlp"
    is_exact = is_linear = False


class TestNeuMf(Ncf):
    kind = "neumf"
    is_exact = is_linear = False
