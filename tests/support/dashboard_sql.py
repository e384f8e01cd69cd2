"""What each visual of the dashboard must show, as SQL of its own for Athena."""

from datetime import date, timedelta

VIEWED = """
    SELECT source_menu, element_clicked, min(item) AS item, sum(views) AS views, sum(orders) AS orders,
           sum(time_spent_seconds) AS seconds, sum(adds_to_cart) AS adds,
           sum(CASE WHEN currency = 'EUR' THEN revenue END) AS revenue
    FROM item_performance WHERE {now} AND {menus}
    GROUP BY source_menu, element_clicked
"""
USUAL = """
    SELECT source_menu, CAST(sum(views) AS double) / count(*) AS views,
           CAST(sum(orders) AS double) / count(*) AS orders
    FROM dishes GROUP BY source_menu
"""
KIND = """
    CASE WHEN dishes.views >= usual.views AND dishes.orders >= usual.orders THEN 'Favourite'
         WHEN dishes.views >= usual.views THEN 'Looked at, seldom ordered'
         WHEN dishes.orders >= usual.orders THEN 'Ordered without a look' ELSE 'Overlooked' END AS kind
"""
DISHES = f"WITH dishes AS ({VIEWED}), usual AS ({USUAL})"
DAYS = "count(DISTINCT day)"
# Each menu of the demo sells in one currency, which its visits without orders do not tell.
VISITS = "SELECT *, max(currency) OVER (PARTITION BY source_menu) AS sells_in FROM visits"

# Of visits and orders, from the visits themselves rather than from the view that the data set reads.
QUESTIONS: dict[str, str] = {
    "visits": """
        SELECT count_if({now}) AS "visits now",
               CASE WHEN {covered} THEN count_if({before}) END AS "visits before"
        FROM visits WHERE {menus}
    """,
    "orders": """
        SELECT sum(CASE WHEN {now} THEN orders END) AS "orders now",
               CASE WHEN {covered} THEN sum(CASE WHEN {before} THEN orders END) END AS "orders before"
        FROM visits WHERE {menus}
    """,
    "revenue": """
        SELECT sum(CASE WHEN currency = 'EUR' AND {now} THEN revenue END) AS "revenue now",
               CASE WHEN {covered} THEN sum(CASE WHEN currency = 'EUR' AND {before} THEN revenue END) END
                   AS "revenue before"
        FROM visits WHERE {menus}
    """,
    "conversion": """
        SELECT CAST(count_if(has_order AND {now}) AS double) / count_if({now}) AS "share now",
               CASE WHEN {covered}
                 THEN CAST(count_if(has_order AND {before}) AS double) / count_if({before})
               END AS "share before"
        FROM visits WHERE {menus}
    """,
    "revenue-by-day": f"""
        SELECT day, source_menu, sum(CASE WHEN sells_in = 'EUR' THEN revenue END) AS "chosen revenue"
        FROM ({VISITS}) WHERE {{now}} AND {{menus}} GROUP BY day, source_menu
    """,
    "steps": """
        SELECT step, count_if(furthest_stage >= number) AS visits
        FROM visits CROSS JOIN (VALUES (1, 'Opened the menu'), (2, 'Looked at a dish'),
             (3, 'Put one in the cart'), (4, 'Ordered')) AS steps (number, step)
        WHERE {now} AND {menus} GROUP BY step
    """,
    "menus": f"""
        SELECT source_menu, sells_in AS currency, count(*) AS visits, sum(orders) AS orders,
               CAST(count_if(has_order) AS double) / count(*) AS "share of visits",
               CAST(sum(revenue) AS double) / nullif(sum(orders), 0) AS "order value", sum(revenue) AS revenue
        FROM ({VISITS}) WHERE {{now}} AND {{menus}} GROUP BY source_menu, sells_in
    """,
    "visits-by-day": """
        SELECT day, count(*) AS visits, count_if(has_order) AS visits_with_order
        FROM visits WHERE {now} AND {menus} GROUP BY day
    """,
    "interest": f"""
        {DISHES} SELECT {KIND}, item, sum(dishes.views) AS views, sum(dishes.orders) AS orders
        FROM dishes JOIN usual ON usual.source_menu = dishes.source_menu
        GROUP BY item, 1
    """,
    "dishes": f"""
        {DISHES} SELECT item, dishes.source_menu, {KIND}, dishes.views, dishes.orders, adds AS adds_to_cart,
               seconds / nullif(dishes.views, 0) AS "seconds a look", revenue AS "chosen revenue",
               100e0 * dishes.orders / nullif(dishes.views, 0) AS "orders per 100 looks"
        FROM dishes JOIN usual ON usual.source_menu = dishes.source_menu
    """,
    "hours": f"""
        SELECT CASE weekday WHEN 1 THEN 'Monday' WHEN 2 THEN 'Tuesday' WHEN 3 THEN 'Wednesday'
               WHEN 4 THEN 'Thursday' WHEN 5 THEN 'Friday' WHEN 6 THEN 'Saturday' ELSE 'Sunday' END
               AS "weekday name", hour,
               CAST(sum(visits) AS double) / {DAYS} AS "visits an hour"
        FROM hourly_demand WHERE is_open = 1 AND {{now}} AND {{menus}} GROUP BY 1, hour
    """,
    "looking-or-ordering": f"""
        SELECT hour, CAST(sum(visits) AS double) / {DAYS} AS "visits an hour",
               CAST(sum(orders) AS double) / {DAYS} AS "orders an hour"
        FROM hourly_demand WHERE is_open = 1 AND {{now}} AND {{menus}} GROUP BY hour
    """,
    "channels": """
        SELECT CASE channel WHEN 'qr' THEN 'QR code' WHEN 'web' THEN 'Website' WHEN 'app' THEN 'App'
               WHEN 'kiosk' THEN 'Kiosk' WHEN 'till' THEN 'Till' ELSE 'Not told' END AS "channel name",
               count(*) AS visits, count_if(has_order) AS visits_with_order
        FROM visits WHERE {now} AND {menus} GROUP BY 1
    """,
    "devices": """
        SELECT CASE device WHEN 'mobile' THEN 'Phone' WHEN 'tablet' THEN 'Tablet'
               WHEN 'desktop' THEN 'Computer' ELSE 'Other' END
               AS "device name", count(*) AS visits, count_if(has_order) AS visits_with_order
        FROM visits WHERE {now} AND {menus} GROUP BY 1
    """,
    "sources": f"""
        SELECT coalesce(
                 utm_source,
                 CASE channel WHEN 'qr' THEN 'QR code' WHEN 'app' THEN 'App' WHEN 'kiosk' THEN 'Kiosk' END,
                 referrer_host, 'Not told'
               ) AS "source name",
               count(*) AS visits, CAST(count_if(has_order) AS double) / count(*) AS "share of visits",
               sum(CASE WHEN sells_in = 'EUR' THEN revenue END) AS "chosen revenue"
        FROM ({VISITS}) WHERE {{now}} AND {{menus}} GROUP BY 1
    """,
    "languages": f"""
        SELECT CASE language WHEN 'de' THEN 'German' WHEN 'en' THEN 'English' WHEN 'it' THEN 'Italian'
               WHEN 'fr' THEN 'French' WHEN 'ja' THEN 'Japanese' WHEN 'es' THEN 'Spanish'
               ELSE coalesce(language, 'Not told') END AS "language name",
               count(*) AS visits, CAST(count_if(has_order) AS double) / count(*) AS "share of visits",
               sum(CASE WHEN sells_in = 'EUR' THEN revenue END) AS "chosen revenue"
        FROM ({VISITS}) WHERE {{now}} AND {{menus}} GROUP BY 1
    """,
    "arrived": "SELECT count(*) AS events FROM events_raw",
    "rejected": "SELECT count(*) AS rejected FROM rejected_events",
    "repeats": "SELECT count(*) - count(DISTINCT event_id) AS repeats FROM events_raw",
    "bots": "SELECT count_if(is_bot) AS bots FROM events_raw",
    "reasons": """
        SELECT CASE split_part(reason, ':', 1)
                 WHEN 'missing' THEN 'A field is missing'
                 WHEN 'unknown field' THEN 'An unknown field'
                 WHEN 'type' THEN 'A value of another type'
                 WHEN 'length' THEN 'Too short or too long'
                 WHEN 'range' THEN 'A number out of range'
                 WHEN 'enum' THEN 'None of the values allowed'
                 WHEN 'date' THEN 'No date, or one too far off'
                 ELSE 'Not readable as JSON' END AS why,
               coalesce(field, 'the whole event') AS "where", count(*) AS rejected,
               CAST(count(*) AS double) / sum(count(*)) OVER () AS "share of rejected"
        FROM rejected_events GROUP BY 1, 2
    """,
    "delay": """
        SELECT day, delay_p50_seconds / 60 AS "half within", delay_p95_seconds / 60 AS "95 in 100 within"
        FROM data_quality
    """,
    "left-out": "SELECT day, rejected, repeats, bots FROM data_quality",
    # The last of a top list may share its place with others, so these lists hold the numbers alone.
    "top-dishes": """
        SELECT sum(orders) AS orders FROM item_performance WHERE {now} AND {menus}
        GROUP BY item ORDER BY orders DESC LIMIT 10
    """,
    "pairs": """
        SELECT lift_at_least FROM items_ordered_together WHERE {menus}
        ORDER BY lift_at_least DESC LIMIT 10
    """,
}
NUMBERS_ALONE = ("top-dishes", "pairs")


def question(visual: str, last: date, menus: str = "true") -> str:
    """Return the SQL for a visual when the period ends at `last`, a week after it began."""
    first = last - timedelta(days=6)
    week = timedelta(days=7)
    return QUESTIONS[visual].format(
        now=f"day BETWEEN DATE '{first}' AND DATE '{last}'",
        before=f"day BETWEEN DATE '{first - week}' AND DATE '{last - week}'",
        covered=f"min(day) < DATE '{first - week}'",
        menus=menus,
    )
