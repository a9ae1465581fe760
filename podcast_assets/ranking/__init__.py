"""Ranking: the insights of a day across all shows, and the few that are shown.

Order of the data: ``history`` (what competes, what was published) and ``ground`` (the archive of vectors) -> ``assess``
(components by themselves in ``score``, ``interests`` and ``teaser``; against the archive in ``evidence`` and ``related``) ->
``judging`` (what a language model adds) -> ``rank`` (groups in ``cluster``, the choice in ``pick``, words in ``why``) ->
``five`` (as it is shown). ``day`` goes all the way, ``rerank`` again for past days under other ``weights``. Dagster's face
holds ``ranked_insights``, ``daily_top5`` and ``related_insights``.
"""
