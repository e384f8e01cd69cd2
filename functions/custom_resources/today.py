"""The running day as an expression of QuickSight's, whose own `now()` is in UTC.

Source: "For SPICE and Salesforce data sets, now returns the UTC date and time",
https://docs.aws.amazon.com/quicksuite/latest/userguide/now-function.html. An analysis can have a time zone,
but then QuickSight converts every date, also a day that is the restaurant's already: "all visible dimensions,
measures, calculated fields, and filters are converted" (analysis-date-time.html of the same guide).
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

REFRESHED_AT = timedelta(hours=5)  # of parts/every_day.json: until then, yesterday is not in the data


def today(time_zone: str, now: datetime) -> str:
    """Return the expression of the day that runs in an IANA `time_zone`, for the year around `now`.

    It changes when the data are refreshed; where clocks change, an hour after that in summer, since an
    expression knows one distance from UTC only.
    """
    zone = ZoneInfo(time_zone)
    moments = (now.astimezone(UTC) + timedelta(days=days) for days in range(366))
    winter = min(moment.astimezone(zone).utcoffset() or timedelta() for moment in moments)
    minutes = (winter - REFRESHED_AT) // timedelta(minutes=1)
    return f"truncDate('DD', addDateTime({minutes}, 'MI', now()))"
