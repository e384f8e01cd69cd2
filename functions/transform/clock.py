"""When an event happened: the client's clock, the arrival, and the restaurant's wall clock."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from reasons import Reason, RejectedError

EN_DASH = "\N{EN DASH}"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MAX_MILLISECONDS = 253_402_214_400_000  # the last day of year 9999, which no time zone leaves
ONE_DAY = timedelta(days=1)
TOLERANCE = timedelta(minutes=5)  # of a client's clock
# How long a page may have been offline before its events arrive. What is older comes from a wrong clock, or
# from somebody who wants to change the numbers of a day of the past.
LONGEST_WAIT = timedelta(days=31)

_from_iso = datetime.fromisoformat


class Arrival(Struct, frozen=True, gc=False):
    """When a request arrived, and since when, on that day, the wall clock has been `offset` ahead of UTC."""

    time: datetime  # UTC
    day: date  # on the wall clock
    since: datetime  # UTC
    offset: timedelta
    imported: bool  # its events may be of any day since 1970


class Clock:
    """The stack's `TimeZone`: reads times that name no offset, and gives the wall clock for any time."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        # UTC day (ordinal) -> its start and the offset of that whole day, None if the offset changes.
        self._days: dict[int, tuple[datetime, timedelta | None]] = {}

    def arrival(self, milliseconds: int, *, imported: bool = False) -> Arrival:
        """Return the arrival `milliseconds` after 1970-01-01, up to MAX_MILLISECONDS."""
        time = datetime.fromtimestamp(milliseconds / 1000, UTC)
        start, offset = self._day(time)
        if offset is None:
            start, offset = time, self.local(time) - time
        return Arrival(time, (time + offset).date(), start, offset, imported)

    def read(self, text: str, arrival: Arrival) -> tuple[datetime, datetime, bool]:
        """Return when an event happened: in UTC, on the wall clock, and whether the arrival stands in for it.

        Both are whole milliseconds, truncated: Athena's times have no more, and rounding could pass midnight.

        `text` is ISO 8601, an EN DASH allowed for a hyphen; without an offset it is local. The arrival
        replaces a time that lies further ahead of it than clocks differ, or further before it than
        LONGEST_WAIT. An imported event's time may be old.

        Raises RejectedError for what is no time, leaves the years 1 to 9999 in UTC, or would be stored as of
        before 1970. There the calendars of Hive and Parquet start to differ.
        """
        try:
            time = _from_iso(text)
        except ValueError:
            if EN_DASH in text:
                return self.read(text.replace(EN_DASH, "-"), arrival)
            raise _rejected("not an ISO 8601 time such as 2026-11-22T18:10:00Z") from None
        if time.tzinfo is not UTC:
            time = self._to_utc(time)
        if microseconds := time.microsecond % 1000:
            time = time.replace(microsecond=time.microsecond - microseconds)
        if arrival.since <= time <= arrival.time:  # nearly every event
            return time, time + arrival.offset, False
        ahead = time - arrival.time
        if ahead > TOLERANCE or (ahead < -LONGEST_WAIT and not arrival.imported):
            return arrival.time, self.local(arrival.time), True
        if time < EPOCH:
            raise _rejected("before 1970-01-01")
        return time, self.local(time), False

    def local(self, time: datetime) -> datetime:
        """Return the wall clock at the UTC `time`, still marked as UTC; raise OverflowError past 9999."""
        offset = self._day(time)[1]
        return time.astimezone(self._zone).replace(tzinfo=UTC) if offset is None else time + offset

    def _to_utc(self, time: datetime) -> datetime:
        try:
            return (time if time.tzinfo else time.replace(tzinfo=self._zone)).astimezone(UTC)
        except OverflowError:
            raise _rejected("outside the years 1 to 9999 in UTC") from None

    def _day(self, time: datetime) -> tuple[datetime, timedelta | None]:
        try:
            return self._days[time.toordinal()]
        except KeyError:
            start = time.replace(hour=0, minute=0, second=0, microsecond=0)
            offsets = {(start + part * ONE_DAY).astimezone(self._zone).utcoffset() for part in (0, 0.5, 1)}
            day = start, offsets.pop() if len(offsets) == 1 else None
            self._days[time.toordinal()] = day
            return day


def _rejected(words: str) -> RejectedError:
    return RejectedError(Reason.DATE, words, "created_at")
