"""``python -m benchmarks [NAME ...]``: runs all benchmarks, or those named, and prints their figures.

docs/benchmarks.md keeps them, by hand. Exit codes: 0 all figures are within their limits, 1 one is not.
"""

import sys

from benchmarks import (
    aligning,
    asking,
    documents,
    extracting,
    front_end,
    hearing,
    loading,
    parsing,
    polling,
    ranking,
    shards,
)

ALL = {
    "loading": loading,
    "parsing": parsing,
    "polling": polling,
    "documents": documents,
    "extracting": extracting,
    "front_end": front_end,
    "hearing": hearing,
    "shards": shards,
    "aligning": aligning,
    "asking": asking,
    "ranking": ranking,
}


def main(names: list[str]) -> None:
    """Runs benchmarks, in the order of what they measure; all of them, also after a limit was missed."""
    missed = []
    for name in names or ALL:
        for figure in ALL[name].run():
            print(figure.line, flush=True)
            if figure.is_missed:
                bound = "at least" if figure.at_least else "at most"
                missed.append(f"{figure.name}: {figure.value:.2f}, expected {bound} {figure.limit}")
    if missed:
        sys.exit("\n".join(missed))


if __name__ == "__main__":
    main(sys.argv[1:])
