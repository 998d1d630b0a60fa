"""What the tours give to uploaders."""

from __future__ import annotations

#: A file that each uploader can read, or says in words why not.
FILES = {
    "json": ("some.json", '{"skrec_lite_runs": 1, "runs": []}'),
    "csv": (
        "some.csv",
        "user_id,item_id,rating,timestamp\n"
        + "".join(
            f"{user},{(3 * user + i) % 17},{1 + i % 5},{1_700_000_000 + 60 * i}\n"
            for user in range(30)
            for i in range(6)
        ),
    ),
}  # fmt: skip
