"""podcast_assets: scans podcasts and finds the day's five best insights, with Dagster, Polars and DuckDB."""

__version__ = "0.1.0"
