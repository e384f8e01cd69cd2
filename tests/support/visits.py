"""Visits of one event each, for the tests of views that count days and weeks."""

from datetime import date

import duckdb


def store_visit(database: duckdb.DuckDBPyConnection, day: date, menu: str = "roma", hour: int = 18) -> None:
    """Store a visit of one event at half past an hour of UTC; in Rome's winter it is an hour later."""
    (number,) = database.execute("SELECT count(*) FROM events_raw").fetchone() or (0,)
    time = f"{day} {hour}:30:00"
    database.execute(
        """
        INSERT INTO events_raw BY NAME SELECT
          'event-' || $number AS event_id, $number AS event_key, 'menu_view' AS event_type,
          CAST($time AS timestamp) AS event_time, CAST($time AS timestamp) + INTERVAL 1 HOUR AS local_time,
          CAST($day AS date) AS local_date, CAST($day AS date) AS business_date,
          $hour * 3600000 + 1800000 AS business_ms, CAST($time AS timestamp) AS received_at,
          $number AS visit_key, 'visit-' || $number AS session_id, $menu AS source_menu,
          'menu' AS element_clicked, false AS is_bot
        """,
        {"number": number, "time": time, "day": str(day), "hour": hour, "menu": menu},
    )
