-- What did guests do? The events to build every other answer on.
-- One row is one event: repeats merged (the first delivery counts), bots left out.
-- Columns as in events_raw. Repeats may arrive on other days, so every partition is read; they have the same
-- local_date, so a filter on it reaches the files.
CREATE OR REPLACE VIEW events AS
SELECT
  min_by(event_id, received_at) AS event_id,
  event_key,
  min_by(event_type, received_at) AS event_type,
  min_by(event_time, received_at) AS event_time,
  min_by(local_time, received_at) AS local_time,
  local_date,
  min(received_at) AS received_at,
  min_by(clock_adjusted, received_at) AS clock_adjusted,
  min_by(session_id, received_at) AS session_id,
  min_by(visitor_id, received_at) AS visitor_id,
  min_by(source_menu, received_at) AS source_menu,
  min_by(element_clicked, received_at) AS element_clicked,
  min_by(category, received_at) AS category,
  min_by(time_spent, received_at) AS time_spent,
  min_by(quantity, received_at) AS quantity,
  min_by(unit_price, received_at) AS unit_price,
  min_by(revenue, received_at) AS revenue,
  min_by(currency, received_at) AS currency,
  min_by(order_id, received_at) AS order_id,
  min_by(channel, received_at) AS channel,
  min_by(page, received_at) AS page,
  min_by(referrer_host, received_at) AS referrer_host,
  min_by(device, received_at) AS device,
  min_by(properties, received_at) AS properties,
  min_by(request_id, received_at) AS request_id,
  min_by(schema_version, received_at) AS schema_version,
  min_by(ingest_date, received_at) AS ingest_date
FROM events_raw
WHERE NOT is_bot
GROUP BY local_date, event_key
