"""The vectors of every accepted insight: kept in the lake by model, opened at once, searched exactly.

``store`` (a day's vectors, in the lake: the truth) -> ``index`` (all days in few flat files, made of it and brought up to
date) -> ``archive`` (those files, open) -> ``nearest`` (the nearest of them). Does not belong here: where vectors come from
(``embedding``), what being near means (``likeness``).
"""
