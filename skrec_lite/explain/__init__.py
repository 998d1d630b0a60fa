"""Why this item: what the score of a candidate or of a ranked item is made of."""

from skrec_lite.explain.candidate import explain_candidate
from skrec_lite.explain.explanation import Explanation
from skrec_lite.explain.features import column_groups
from skrec_lite.explain.ranked import explain_ranked
from skrec_lite.explain.rows import explain_row

__all__ = ["Explanation", "column_groups", "explain_candidate", "explain_ranked", "explain_row"]
