"""``python -m benchmarks``: runs every benchmark and prints its figures. Kept in docs/benchmarks.md by hand."""

from benchmarks import loading


def main() -> None:
    """Runs all benchmarks, in the order of what they measure."""
    for benchmark in (loading,):
        print(benchmark.run())


if __name__ == "__main__":
    main()
