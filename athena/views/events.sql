-- What did guests do? The events to build other answers on.
-- One row is one event: its deliveries merged, bots left out. Columns as in events_raw, but is_bot; money is an
-- exact decimal of three places here, a double there.
--
-- Deliveries are merged by their id, in one pass, whatever the days on which they arrived; only the columns that
-- a question names are read, and of its filters those on business_date, event_type and source_menu reach the files.
-- What holds of the result:
--   * Of texts, each column is any one delivery's: repeats are copies. In those of which two reports of an order line
--     can differ it is the first in the alphabet, and of what is no text the smallest. So received_at and
--     received_date are those of the one that arrived first. Without a quantity one piece is reported, so one report
--     without it makes it null. A visitor_id can differ, if a repeat comes on another day or from another address;
--     visit_key then stays the same each time.
--   * An event is counted once as long as its deliveries agree on the columns of the GROUP BY. The one that an honest
--     repeat can change is business_date, and only if the client's clock was wrong (clock_adjusted): its deliveries
--     get their times of arrival, so on both sides of 05:00 they count as two.
CREATE OR REPLACE VIEW events AS
SELECT
  arbitrary(event_id) AS event_id,
  event_key,
  event_type,
  min(event_time) AS event_time,
  min(local_time) AS local_time,
  min(local_date) AS local_date,
  business_date,
  min(business_ms) AS business_ms,
  min(received_at) AS received_at,
  min(received_date) AS received_date,
  bool_or(clock_adjusted) AS clock_adjusted,
  min(session_id) AS session_id,
  min(visit_key) AS visit_key,
  arbitrary(visitor_id) AS visitor_id,
  source_menu,
  arbitrary(element_clicked) AS element_clicked,
  arbitrary(category) AS category,
  min(time_spent) AS time_spent,
  nullif(min(coalesce(quantity, 0)), 0) AS quantity,
  CAST(min(unit_price) AS decimal(12,3)) AS unit_price,
  CAST(min(revenue) AS decimal(15,3)) AS revenue,
  min(currency) AS currency,
  arbitrary(order_id) AS order_id,
  arbitrary(order_line) AS order_line,
  min(channel) AS channel,
  arbitrary(page) AS page,
  arbitrary(page_host) AS page_host,
  arbitrary(referrer_host) AS referrer_host,
  arbitrary(utm_source) AS utm_source,
  arbitrary(utm_medium) AS utm_medium,
  arbitrary(utm_campaign) AS utm_campaign,
  arbitrary(table_number) AS table_number,
  arbitrary(language) AS language,
  arbitrary(country) AS country,
  min(device) AS device,
  arbitrary(tracker) AS tracker,
  min_by(properties, received_at) AS properties,
  min(request_id) AS request_id,
  min(schema_version) AS schema_version
FROM events_raw
WHERE NOT is_bot
GROUP BY business_date, event_key, event_type, source_menu
