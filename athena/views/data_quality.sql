-- Is the data itself healthy?
-- One row is one day of arrival, in the restaurant's time zone, with at least one event or rejection.
--   day                date
--   events             deliveries of events, repeats and bots included
--   repeats            those of them whose event had arrived before, on the same day or an earlier one
--   bots               those sent by programs and driven browsers
--   clock_adjusted     those whose client's clock was ahead or far behind
--   without_session_id those without a session_id
--   from_files         those of a page that was opened as a file: a saved copy
--   from_local_hosts   those of a page on the developer's machine or network, such as localhost
--   from_previews      those of a page on a host that serves previews, translations or archives of sites
--   trackers           the versions of the tracker that sent them, ten at most, with a space between; null without
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
    count_if(page_host LIKE '%:') AS from_files,
    count_if(
      regexp_like(page_host, '^(127|10|192\.168|172\.(1[6-9]|2[0-9]|3[01]))\.[0-9.]+(:[0-9]+|)\z')
      OR regexp_like(page_host, '^\[.*\](:[0-9]+|)\z|^(.*\.|)(localhost|local|test|internal)(:[0-9]+|)\z')
    ) AS from_local_hosts,
    count_if(
      regexp_like(
        page_host,
        '\.(vercel\.app|netlify\.app|pages\.dev|webflow\.io|app\.github\.dev|csb\.app|trycloudflare\.com)\z'
      )
      OR regexp_like(page_host, '\.(ngrok-free\.app|ngrok\.io|translate\.goog|archive\.org|googleusercontent\.com)\z')
    ) AS from_previews,
    nullif(array_join(slice(array_agg(DISTINCT tracker ORDER BY tracker), 1, 10), ' '), '') AS trackers,
    approx_percentile(
      date_diff('millisecond', CAST(business_date AS timestamp), received_at) - business_ms, ARRAY[0.5e0, 0.95e0]
    ) AS delays
  FROM events_raw
  GROUP BY received_date
),
firsts AS (
  -- The other columns than those above, so reading the table again reads nothing twice.
  SELECT received_date, count(*) AS firsts
  FROM (
    SELECT min(received_date) AS received_date
    FROM events_raw
    GROUP BY business_date, source_menu, event_type, event_key
  )
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
  coalesce(from_files, 0) AS from_files,
  coalesce(from_local_hosts, 0) AS from_local_hosts,
  coalesce(from_previews, 0) AS from_previews,
  trackers,
  coalesce(rejected, 0) AS rejected,
  delays[1] / 1000e0 AS delay_p50_seconds,
  delays[2] / 1000e0 AS delay_p95_seconds
FROM arrivals
LEFT JOIN firsts ON firsts.received_date = arrivals.received_date
FULL JOIN rejections ON rejections.received_date = arrivals.received_date
