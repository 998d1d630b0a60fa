"""Read tables from whatever a person hands over."""

from skrec_lite.dataset.reading.files import SourceFile, open_files
from skrec_lite.dataset.reading.tables import TableRead, read_table

__all__ = ["SourceFile", "TableRead", "open_files", "read_table"]
