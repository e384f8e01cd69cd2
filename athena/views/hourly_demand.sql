-- How busy is each hour?
-- One row is one hour of one local day for one menu and channel, hours without visits included, from the menu's
-- first day to its last. The hour that is left out when clocks go forward has no row; the one that comes twice
-- when they go back has one, for both.
--   day          date, wall clock of the restaurant
--   weekday      1 (Monday) to 7 (Sunday)
--   hour         0 to 23
--   source_menu  menu or restaurant
--   channel      web, app, kiosk or qr, if the page tells
--   visits       visits that began in it
--   orders       orders of these visits
--   revenue      of these orders, in the menu's currency
CREATE OR REPLACE VIEW hourly_demand AS
WITH counts AS (
  SELECT
    day,
    hour(started_at) AS hour,
    source_menu,
    channel,
    count(*) AS visits,
    sum(orders) AS orders,
    sum(revenue) AS revenue
  FROM sessions
  GROUP BY day, hour(started_at), source_menu, channel
),
periods AS (
  SELECT source_menu, channel, min(first_day) AS first_day, max(last_day) AS last_day
  FROM (
    SELECT
      source_menu,
      channel,
      min(day) OVER (PARTITION BY source_menu) AS first_day,
      max(day) OVER (PARTITION BY source_menu) AS last_day
    FROM counts
  )
  GROUP BY source_menu, channel
),
instants AS (
  -- Every hour of UTC, seen on the wall clock: what exists there, exists.
  SELECT
    source_menu,
    channel,
    first_day,
    last_day,
    CAST(
      with_timezone(date_add('hour', number, CAST(utc_day AS timestamp)), 'UTC') AT TIME ZONE '${time_zone}'
      AS timestamp
    ) AS local_time
  FROM periods
  CROSS JOIN UNNEST(
    sequence(date_add('day', -1, first_day), date_add('day', 1, last_day), INTERVAL '1' DAY)
  ) AS days (utc_day)
  CROSS JOIN UNNEST(sequence(0, 23)) AS numbers (number)
),
hours AS (
  SELECT DISTINCT source_menu, channel, CAST(local_time AS date) AS day, hour(local_time) AS hour
  FROM instants
  WHERE CAST(local_time AS date) BETWEEN first_day AND last_day
)
SELECT
  hours.day,
  day_of_week(hours.day) AS weekday,
  hours.hour,
  hours.source_menu,
  hours.channel,
  coalesce(visits, 0) AS visits,
  coalesce(orders, 0) AS orders,
  coalesce(revenue, CAST(0 AS decimal(14,2))) AS revenue
FROM hours
LEFT JOIN counts
  ON counts.day = hours.day
    AND counts.hour = hours.hour
    AND counts.source_menu = hours.source_menu
    AND coalesce(counts.channel, '') = coalesce(hours.channel, '')
