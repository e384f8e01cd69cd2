"""When an event happened: the client's clock, the arrival, and the restaurant's wall clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

EN_DASH = "\N{EN DASH}"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CLOCK_TOLERANCE = timedelta(minutes=5)
ONE_DAY = timedelta(days=1)


class BadTimeError(ValueError):
    """`created_at` is no point in time that can be stored; the message is the reason of the refusal."""


def from_milliseconds(milliseconds: int) -> datetime:
    """Return the UTC time `milliseconds` after the Unix epoch; raise OverflowError past year 9999."""
    return EPOCH + timedelta(milliseconds=milliseconds)


class Clock:
    """The stack's `TimeZone`: reads times that name no offset, and gives the wall clock for any time."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        # UTC day (ordinal) -> offset of that whole day, or None on a day on which the offset changes.
        # Asking zoneinfo costs five times as much as this look-up.
        self._offsets: dict[int, timedelta | None] = {}

    def parse(self, text: str) -> datetime:
        """Return `text` as a UTC time: ISO 8601, an EN DASH allowed for a hyphen, no offset meaning local.

        Raises BadTimeError for what is no such time, is before 1970 (a broken clock, and where Hive and
        Parquet calendars start to differ), or leaves the years 1 to 9999 in UTC or in local time.
        """
        try:
            time = datetime.fromisoformat(text)
        except ValueError:
            try:
                time = datetime.fromisoformat(text.replace(EN_DASH, "-"))
            except ValueError:
                raise BadTimeError("date: not an ISO 8601 time such as 2026-11-22T18:10:00Z") from None
        try:
            if time.tzinfo is not UTC:
                time = (time if time.tzinfo else time.replace(tzinfo=self._zone)).astimezone(UTC)
            if time >= EPOCH:
                return time
        except OverflowError:
            raise BadTimeError("date: outside the years 1 to 9999 in UTC") from None
        raise BadTimeError("date: before 1970-01-01")

    def local(self, time: datetime) -> datetime:
        """Return the wall clock at the UTC `time`, still marked as UTC; raise OverflowError past 9999."""
        day = time.toordinal()
        try:
            offset = self._offsets[day]
        except KeyError:
            offset = self._offsets[day] = self._offset_of_day(time)
        if offset is None:
            return time.astimezone(self._zone).replace(tzinfo=UTC)
        return time + offset

    def _offset_of_day(self, time: datetime) -> timedelta | None:
        start = time.replace(hour=0, minute=0, second=0, microsecond=0)
        offsets = {(start + part * ONE_DAY).astimezone(self._zone).utcoffset() for part in (0, 0.5, 1)}
        return offsets.pop() if len(offsets) == 1 else None
