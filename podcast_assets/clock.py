"""The clock and the calendar: what time it is, which day a moment belongs to, when a day ends.

Belongs here: every use of the wall clock and every conversion between moments (UTC) and day partitions (a
``datetime.date`` in the configured timezone). Does not belong here: which day an episode counts on (``feeds.sightings``).
"""

import datetime as dt
from zoneinfo import ZoneInfo


def now() -> dt.datetime:
    """The current moment, in UTC."""
    return dt.datetime.now(tz=dt.UTC)


def day_of(moment: dt.datetime, zone: ZoneInfo) -> dt.date:
    """The calendar day of ``moment`` (timezone-aware) in ``zone``."""
    return moment.astimezone(zone).date()


def end_of(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """The moment (UTC) at which ``day`` ends in ``zone``: the first midnight after it, whatever the clocks do then."""
    midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time.min, tzinfo=zone)
    return midnight.astimezone(dt.UTC)


def yesterday(zone: ZoneInfo) -> dt.date:
    """The newest day that is over in ``zone``."""
    return day_of(now(), zone) - dt.timedelta(days=1)


def as_clock(seconds: float) -> str:
    """Seconds from the start of the audio as people read them: ``31:07``, or ``1:02:45`` past the hour."""
    minutes, second = divmod(max(int(seconds), 0), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02d}:{second:02d}" if hours else f"{minute:02d}:{second:02d}"
