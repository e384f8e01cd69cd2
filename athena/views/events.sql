-- What did guests do? The events to build every other answer on.
-- One row is one event: repeats merged (the first delivery counts), bots left out.
-- Columns as in events_raw. Repeats may arrive on other days, so every partition is read.
CREATE OR REPLACE VIEW events AS
SELECT
  event_id,
  event_type,
  event_time,
  local_time,
  received_at,
  clock_adjusted,
  session_id,
  visitor_id,
  source_menu,
  element_clicked,
  category,
  time_spent,
  quantity,
  unit_price,
  revenue,
  currency,
  order_id,
  channel,
  page,
  referrer_host,
  device,
  properties,
  request_id,
  schema_version,
  ingest_date
FROM (
  SELECT
    *,
    row_number() OVER (PARTITION BY event_id ORDER BY received_at, request_id) AS delivery
  FROM events_raw
  WHERE NOT is_bot
)
WHERE delivery = 1
