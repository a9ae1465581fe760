"""Feeds: what is followed, what each feed says today, and the log of what was seen when.

Order of the data: ``subscriptions`` (configuration to addresses) -> ``poll`` (fetch) -> ``parse`` (bytes to items, by
``handler`` and ``values``) -> ``sightings`` (which day a new episode counts on). ``check`` asks without writing anything.
``assets`` is Dagster's face: the asset ``feeds``.
"""
