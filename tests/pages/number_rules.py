"""How the lab writes numbers, as rules that any of its texts can be held against."""

from __future__ import annotations

import re
from collections.abc import Iterable

#: What each rule forbids: a pattern, and what is right.
FORBIDDEN = {
    # Years aside, and what stands in a name: an address, a file, a part of a longer number.
    r"(?<![\w.,:/#@=-])(?!(?:19|20)\d\d\b)\d{4,}(?![\w,/]|\.\d|-\d)": "thousands are separated: 1,234",
    r"\d,\d{1,2}(?!\d)(?=\D|$)": "thousands are parted by three digits",
    r"\d(?:\.\d+)?e[+-]?\d": "no powers of ten in letters: 1e+06",
    r"(?<!95)(?<=\d) ?%": "shares are told of 100; percent is for intervals and density",
    r"\d%": "a space before the sign of percent",
    r"(?i)\brecall(?:@[\d,]+)?(?: is| of)? 0\.\d": "recall is told of 100, not as a fraction",
    r"(?i)\bndcg(?:@[\d,]+)? (?:\d{2,}\.\d|0\.\d{1,2}(?!\d)|0\.\d{4})": "nDCG has three digits: 0.123",
    r"\d(?:s|sec|secs|ms|min)\b": "a space before a unit: 1.2 s",
    r"\d (?:sec|secs|seconds|msec|mins)\b": "seconds are s, milliseconds ms, minutes min",
    r"(?i)(?<![\w'])(?:nan|inf|nat|none of 100)\b": "what is not known is a dash",
    r"\bk=\d": "k = 10, with spaces",
    r"\d\.\d{1,3} of 100\b(?<!\d\.\d of 100)": "shares of 100 have one digit",
}  # fmt: skip


def broken_rules(texts: Iterable[str], allowed: Iterable[str] = ()) -> list[str]:
    """Return what breaks a rule, with the rule; `allowed` are patterns of what may stand there anyway."""
    spared = [re.compile(pattern) for pattern in allowed]
    found = []
    for text in texts:
        rest = text
        for pattern in spared:
            rest = pattern.sub(" ", rest)
        for pattern, rule in FORBIDDEN.items():
            found += [
                f"{rule}: ...{rest[max(0, hit.start() - 40) : hit.end() + 20]}..."
                for hit in re.finditer(pattern, rest)
            ]
    return sorted(set(found))
