"""How well the methods find what is worth hearing, measured on real episodes; and where their weights come from.

``corpus`` (episodes and what editors picked) -> ``learn``, ``folds`` and ``train`` (weights) -> ``extractors`` and
``cold_open`` (quotes) -> ``score`` -> ``__main__`` (the table of ``make eval``).
"""
