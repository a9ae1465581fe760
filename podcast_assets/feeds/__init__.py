"""Feeds: what is followed, what each feed says today, and the log of what was seen when.

Order of the data: ``subscriptions`` (configuration to addresses) -> ``poll`` (asks whom ``rhythm`` and ``hosts`` let it ask,
by ``fetch``) -> ``scan`` (in ``workers``: bytes to items by ``parse``, which reads by ``reader``, mends by ``repair`` and
understands by ``values``; new or known by ``identity``; on which day by ``sightings``) -> ``record`` (the log and the
archive). ``replay`` makes the log of the archive again; ``check`` asks without writing anything. ``assets`` is Dagster's
face: the asset ``feeds``.
"""

TROUBLED = ("error", "gone", "quarantined")  # the statuses of feeds that somebody should look at
