"""The digest: the day's five as something to read. ``render`` makes the text, ``assets`` is Dagster's face."""
