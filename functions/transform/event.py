"""The event schema: what a page may send (`Event`) and what is stored (`Row`).

This module is the one definition of both. The request models of the API, the columns of `events_raw` and
the tables of `docs/events.md` are copies that the contract tests compare with these classes. ReplayFunction
reads this very file, by a symbolic link in its folder, which `sam build` follows.
"""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

SCHEMA_VERSION = 1
MAX_EVENTS_PER_BATCH = 100
EVENT_ID_LENGTHS = range(8, 65)

# ISO 4217, list one: the currencies in use (October 2026), without funds, metals and test codes.
CURRENCIES = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF "
    "CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD "
    "HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL "
    "LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP "
    "PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT "
    "TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG"
)

type Name = Annotated[str, Meta(min_length=1, max_length=128)]
type Identifier = Annotated[str, Meta(min_length=1, max_length=64)]
type RequestId = Annotated[str, Meta(max_length=128)]  # API Gateway's and Firehose's have 36 and 56
type Url = Annotated[str, Meta(max_length=2048)]
type Hint = Annotated[str, Meta(max_length=2048)]  # what source.py shortens, or leaves out
type EventType = Literal["click", "menu_view", "item_view", "add_to_cart", "remove_from_cart", "order"]
type Channel = Literal["web", "app", "kiosk", "qr", "till"]
type Currency = Literal[*CURRENCIES.split()]  # type: ignore[valid-type]  # a type checker cannot unpack it
type DeviceClass = Annotated[str, Meta(max_length=16)]
type VisitorId = Annotated[str, Meta(max_length=16)]
type Host = Annotated[str, Meta(max_length=255)]
type TableNumber = Annotated[str, Meta(max_length=32)]
type Country = Annotated[str, Meta(max_length=2)]
type TrackerVersion = Annotated[str, Meta(min_length=1, max_length=16)]
type Properties = Annotated[
    dict[Annotated[str, Meta(min_length=1, max_length=64)], Annotated[str, Meta(max_length=512)]],
    Meta(max_length=20),
]


class Event(Struct, gc=False, forbid_unknown_fields=True, omit_defaults=True):
    """An event as a page sends it. `null` means the same as leaving an optional field out.

    Exactly what is accepted: decoding with this type raises `msgspec.ValidationError` for anything else.
    Only `created_at` has a rule that a type cannot say; it is in `clock.py`.
    """

    element_clicked: Name
    source_menu: Name
    created_at: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    createdAt: Annotated[str, Meta(min_length=1, max_length=64)] | None = None  # another name of created_at
    time_spent: Annotated[float, Meta(ge=0, le=86_400)] | None = None  # seconds
    event_type: EventType | None = None  # click, if none is sent
    event_id: Annotated[str, Meta(min_length=EVENT_ID_LENGTHS[0], max_length=EVENT_ID_LENGTHS[-1])] | None = (
        None
    )
    session_id: Identifier | None = None
    quantity: Annotated[int, Meta(ge=1, le=1000)] | None = None
    # The largest price whose product with the largest quantity fits the decimal(15,3) of the view `events`.
    unit_price: Annotated[float, Meta(ge=0, le=999_999_999)] | None = None
    currency: Currency | None = None
    order_id: Identifier | None = None
    order_line: Identifier | None = None  # tells two lines of an order with the same dish apart
    category: Name | None = None
    channel: Channel | None = None
    page: Url | None = None
    page_host: Host | None = None  # or what a page without a host has instead, such as "file:"
    referrer: Url | None = None
    tracker: TrackerVersion | None = None
    automated: bool | None = None  # navigator.webdriver
    utm_source: Hint | None = None
    utm_medium: Hint | None = None
    utm_campaign: Hint | None = None
    table: Hint | None = None
    language: Hint | None = None  # a tag of BCP 47
    time_zone: Hint | None = None  # the name of one
    properties: Properties | None = None


# Fields of an event that are not stored: columns of the row say more, or less.
NOT_STORED = ("created_at", "createdAt", "referrer", "automated", "table", "time_zone")


if TYPE_CHECKING:
    type Computed[T] = T | UnsetType
else:

    class Computed[T]:
        """A field that is computed: no JSON decodes to this type, so a page that sends one is rejected."""


class Row(Event):
    """An event on its way to `events_raw`: what was sent, and what is computed from it.

    Decoded as a whole and filled in place, so that no second object is built for each event.
    """

    # The first 40 bits of XXH64 of event_id, or of what an order line is known by: see `_order_line` in
    # rows.py. Repeats are merged by it, for which nobody reads 36 characters. It need only tell events of one
    # day, kind and menu apart: of 9,000, two share one once in 27,000 days.
    event_key: Computed[Annotated[int, Meta(extra={"hive": "bigint"})]] = UNSET
    event_time: Computed[datetime] = UNSET  # UTC
    # Wall clock in the stack's TimeZone; the `Z` that it is written with means nothing.
    local_time: Computed[datetime] = UNSET
    local_date: Computed[date] = UNSET  # its day
    business_date: Computed[date] = UNSET  # its business date: see BUSINESS_DATE_ENDS in rows.py
    # Milliseconds of event_time since 00:00 UTC on business_date: the time again, in half the bytes.
    business_ms: Computed[int] = UNSET
    # Who it was, from 0 on a session_id, below 0 a visitor_id, likewise: see `_sender_columns` in rows.py.
    visit_key: Computed[Annotated[int, Meta(extra={"hive": "bigint"})]] = UNSET
    # Money is a double: Firehose's JSON SerDe reads no decimal. A double keeps 15 digits; the view `events`
    # casts it to a decimal, which is exact.
    revenue: Computed[float] = UNSET
    referrer_host: Computed[str] = UNSET  # of another site
    table_number: Computed[TableNumber] = UNSET
    country: Computed[Country] = UNSET  # ISO 3166, of the time zone
    received_at: Computed[datetime] = UNSET  # UTC
    received_date: Computed[date] = UNSET  # its day in the stack's TimeZone
    clock_adjusted: Computed[bool] = UNSET
    request_id: Computed[RequestId] = UNSET
    schema_version: Computed[int] = UNSET
    device: Computed[DeviceClass] = UNSET
    is_bot: Computed[bool] = UNSET
    visitor_id: Computed[VisitorId] = UNSET


class Sender(Struct, frozen=True, gc=False, omit_defaults=True):
    """The columns of `events_raw` that are kept of a request's sender, without address and user agent."""

    device: DeviceClass
    is_bot: bool
    visitor_id: VisitorId | None = None  # None without an API before the stream


class RejectedEvent(Struct, gc=False):
    """A row of `rejected_events`; field order is column order."""

    received_at: str  # UTC, as `timestamp` is cast from: Hive's JSON SerDe reads no ISO 8601
    received_date: date  # its day in the stack's TimeZone
    request_id: str
    imported: bool  # an old time is then its own, also when it is replayed
    event_id: str  # the id that the event would have had, so that a replay of it is merged
    reason: str  # a code from `reasons.py`, a colon, and what was wrong
    field: str | None  # the field at fault, if it is one field's
    raw: str  # the event as it was sent
