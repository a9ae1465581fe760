"""Ranking: the insights of a day across all shows, and the few that are shown.

Order of the data: ``history`` (what competes, and against which past) -> ``score`` (components and total) -> ``pick``
(caps, near-duplicates, the floor) -> ``rank`` (the day's table). Dagster's face holds ``ranked_insights`` and
``daily_top5``.
"""
