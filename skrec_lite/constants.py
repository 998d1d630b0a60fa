"""Column names that every frame of the library uses."""

from typing import Final

USER_ID_NAME: Final = "USER_ID"
ITEM_ID_NAME: Final = "ITEM_ID"
LABEL_NAME: Final = "OUTCOME"
USER_EMBEDDING_NAME: Final = "EMBEDDING"
ITEM_EMBEDDING_NAME: Final = "ITEM_EMBEDDING"
TIMESTAMP_COL: Final = "TIMESTAMP"
TITLE_COL: Final = "TITLE"
SPLIT_COL: Final = "SPLIT"
