"""The draft check on the labelled drafts: precision and recall of finding, planted errors found, time a page.

    python bench/drafts.py [--faults]

The named alternative is a plain search for digits (``\\d+(?:\\.\\d+)?`` with % or a multiplier), as an editor would write it: measured in
the same run, by the same labels.
"""

from __future__ import annotations

import argparse
import re
import time
from datetime import date

from tests.drafts.labelled import Labelled, drafts
from tests.drafts.scoring import score

from banjie.bulletins.drafts.consistency import check
from banjie.bulletins.drafts.reading import read

PAGE = 1000  # characters of a page
_PLAIN = re.compile(r"\d+(?:\.\d+)?(?:%|‰|[万亿])?[\u4e00-\u9fff]?")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faults", action="store_true", help="name each miss")
    asked = parser.parse_args()
    labelled = drafts()
    total = score(labelled)
    found, right, wanted = _plain(labelled)
    print(f"{len(labelled)} drafts, {total.quantities} quantities, {total.labelled} labels, {total.characters} characters")
    print(
        f"finding: precision {total.precision:.3f}, recall {total.recall:.3f}; a search for digits: {right / found:.3f}, {right / wanted:.3f}"
    )
    print(f"planted errors: {total.errors_found} of {total.errors} objected to; false alarms: {total.alarms}")
    print(f"place of a quantity: {total.places_right} of {total.places} right")
    print(f"time: {_milliseconds(labelled):.1f} ms a page of {PAGE} characters, all checks included")
    if asked.faults:
        print("\n".join(total.faults))


def _plain(labelled: tuple[Labelled, ...]) -> tuple[int, int, int]:
    """How many numbers the plain search finds, how many of them are quantities at the labelled characters, how many there are."""
    found = right = wanted = 0
    for draft in labelled:
        spans = {(hit.start(), hit.end()) for hit in _PLAIN.finditer(draft.text)}
        labels = {(x.start, x.end) for x in draft.labels if x.kind == "quantity"}
        found, right, wanted = found + len(spans), right + len(spans & labels), wanted + len(labels)
    return found, right, wanted


def _milliseconds(labelled: tuple[Labelled, ...]) -> float:
    text = "\n".join(draft.text for draft in labelled)
    began = time.perf_counter()
    check(read(text, date(2022, 9, 6)))
    return (time.perf_counter() - began) * 1000 / len(text) * PAGE


if __name__ == "__main__":
    main()
