"""When an event happened: the client's clock, the arrival, and the restaurant's wall clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from refusal import RefusedError

EN_DASH = "\N{EN DASH}"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MAX_MILLISECONDS = 253_402_214_400_000  # the last day of year 9999, which no time zone leaves
ONE_DAY = timedelta(days=1)
TOLERANCE = timedelta(minutes=5)  # of a client's clock

_from_iso = datetime.fromisoformat


def from_milliseconds(milliseconds: int) -> datetime:
    """Return the UTC time `milliseconds` after 1970-01-01, up to MAX_MILLISECONDS."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


class Clock:
    """The stack's `TimeZone`: reads times that name no offset, and gives the wall clock for any time."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        # UTC day (ordinal) -> offset of that whole day, or None on a day on which the offset changes.
        self._offsets: dict[int, timedelta | None] = {}

    def read(self, text: str, received_at: datetime) -> tuple[datetime, datetime, bool]:
        """Return when an event happened: in UTC, on the wall clock, and whether that had to be put right.

        ISO 8601, an EN DASH allowed for a hyphen; a time without an offset is local. A time that lies further
        ahead of the arrival than clocks differ is replaced by the arrival. Raises RefusedError for what is no
        time, is before 1970 (a broken clock, and where Hive's and Parquet's calendars start to differ), or
        leaves the years 1 to 9999 in UTC.
        """
        try:
            time = _from_iso(text)
        except ValueError:
            if EN_DASH in text:
                return self.read(text.replace(EN_DASH, "-"), received_at)
            raise _refusal("not an ISO 8601 time such as 2026-11-22T18:10:00Z") from None
        if time.tzinfo is not UTC:
            time = self._to_utc(time)
        if time < EPOCH:
            raise _refusal("before 1970-01-01")
        if time > received_at and time - received_at > TOLERANCE:
            return received_at, self.local(received_at), True
        offset = self._offsets.get(time.toordinal())  # as `local` does; a call less for every event
        return time, self.local(time) if offset is None else time + offset, False

    def local(self, time: datetime) -> datetime:
        """Return the wall clock at the UTC `time`, still marked as UTC; raise OverflowError past 9999."""
        day = time.toordinal()
        if day not in self._offsets:
            self._offsets[day] = self._offset_of_day(time)
        offset = self._offsets[day]
        if offset is None:
            return time.astimezone(self._zone).replace(tzinfo=UTC)
        return time + offset

    def _to_utc(self, time: datetime) -> datetime:
        try:
            return (time if time.tzinfo else time.replace(tzinfo=self._zone)).astimezone(UTC)
        except OverflowError:
            raise _refusal("outside the years 1 to 9999 in UTC") from None

    def _offset_of_day(self, time: datetime) -> timedelta | None:
        start = time.replace(hour=0, minute=0, second=0, microsecond=0)
        offsets = {(start + part * ONE_DAY).astimezone(self._zone).utcoffset() for part in (0, 0.5, 1)}
        return offsets.pop() if len(offsets) == 1 else None


def _refusal(why: str) -> RefusedError:
    return RefusedError(f"date: {why}", "created_at")
