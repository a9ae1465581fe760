"""``python -m benchmarks``: runs every benchmark and prints its figures. Kept in docs/benchmarks.md by hand.

Exit codes: 0 all figures are within their limits, 1 one is above.
"""

import sys

from benchmarks import loading


def main() -> None:
    """Runs all benchmarks, in the order of what they measure; all of them, also after one above its limit."""
    above = []
    for benchmark in (loading,):
        figure = benchmark.run()
        print(figure.line)
        if figure.is_above:
            above.append(f"{figure.name}: {figure.value:.2f} is above its limit of {figure.limit}")
    if above:
        sys.exit("\n".join(above))


if __name__ == "__main__":
    main()
