"""Segments: the same figures for parts of the users or of the held-out items, on their own denominators."""

from skrec_lite.experiment.segments.choices import Segmentation, segmentations, segments_of
from skrec_lite.experiment.segments.figures import (
    SMALL,
    SegmentFigures,
    segment_figures,
    segment_frame,
)
from skrec_lite.experiment.segments.membership import Segments

__all__ = [
    "SMALL",
    "SegmentFigures",
    "Segmentation",
    "Segments",
    "segment_figures",
    "segment_frame",
    "segmentations",
    "segments_of",
]
