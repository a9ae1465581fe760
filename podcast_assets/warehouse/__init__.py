"""The warehouse: ``podcasts.duckdb``, the one file that people read, made of the lake by the SQL in ``sql/``."""
