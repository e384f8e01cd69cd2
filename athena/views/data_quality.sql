-- Is the data itself healthy?
-- One row is one day of arrival, in the restaurant's time zone, with at least one event or rejection.
--   day                date
--   events             deliveries of events, repeats and bots included
--   repeats            those of them whose event had arrived before, on the same day or an earlier one
--   bots               those sent by programs
--   clock_adjusted     those whose client's clock was ahead or far behind
--   without_session_id those without a session_id
--   rejected           events rejected, which are not among `events`
--   delay_p50_seconds  half of the events arrived at most so long after they happened, by the client's clock
--   delay_p95_seconds  95 of 100 did. Both approximate, null without events; below 0 if clocks are ahead
CREATE OR REPLACE VIEW data_quality AS
WITH arrivals AS (
  SELECT
    received_date,
    count(*) AS events,
    count_if(is_bot) AS bots,
    count_if(clock_adjusted) AS clock_adjusted,
    count_if(visit_key IS NULL OR visit_key < 0) AS without_session_id,
    approx_percentile(
      date_diff('millisecond', CAST(business_date AS timestamp), received_at) - business_ms, ARRAY[0.5e0, 0.95e0]
    ) AS delays
  FROM events_raw
  GROUP BY received_date
),
firsts AS (
  -- The other columns than those above, so reading the table again reads nothing twice.
  SELECT received_date, count(*) AS firsts
  FROM (SELECT min(received_date) AS received_date FROM events_raw GROUP BY local_date, event_key)
  GROUP BY received_date
),
rejections AS (
  SELECT received_date, count(*) AS rejected FROM rejected_events GROUP BY received_date
)
SELECT
  coalesce(arrivals.received_date, rejections.received_date) AS day,
  coalesce(events, 0) AS events,
  coalesce(events - coalesce(firsts, 0), 0) AS repeats,
  coalesce(bots, 0) AS bots,
  coalesce(clock_adjusted, 0) AS clock_adjusted,
  coalesce(without_session_id, 0) AS without_session_id,
  coalesce(rejected, 0) AS rejected,
  delays[1] / 1000e0 AS delay_p50_seconds,
  delays[2] / 1000e0 AS delay_p95_seconds
FROM arrivals
LEFT JOIN firsts ON firsts.received_date = arrivals.received_date
FULL JOIN rejections ON rejections.received_date = arrivals.received_date
