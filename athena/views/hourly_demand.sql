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
    source_menu,
    channel,
    date_trunc('hour', started_at) AS hour,
    count(*) AS visits,
    sum(orders) AS orders,
    sum(revenue) AS revenue
  FROM sessions
  GROUP BY source_menu, channel, date_trunc('hour', started_at)
),
channels AS (
  -- One row for each menu and channel, with what was counted by hour: so the table is read once.
  SELECT
    source_menu,
    channel,
    CAST(min(min(hour)) OVER (PARTITION BY source_menu) AS date) AS first_day,
    CAST(max(max(hour)) OVER (PARTITION BY source_menu) AS date) AS last_day,
    map_agg(hour, visits) AS visits,
    map_agg(hour, orders) AS orders,
    map_agg(hour, revenue) AS revenue
  FROM counts
  GROUP BY source_menu, channel
),
periods AS (
  SELECT *, sequence(date_add('day', -1, first_day), date_add('day', 1, last_day), INTERVAL '1' DAY) AS utc_days
  FROM channels
),
instants AS (
  -- Every hour of UTC, and the one before, seen on the wall clock: what exists there, exists.
  SELECT
    periods.*,
    date_trunc('hour', CAST(
      with_timezone(date_add('hour', number, CAST(utc_day AS timestamp)), 'UTC') AT TIME ZONE '${time_zone}'
      AS timestamp
    )) AS hour,
    date_trunc('hour', CAST(
      with_timezone(date_add('hour', number - 1, CAST(utc_day AS timestamp)), 'UTC') AT TIME ZONE '${time_zone}'
      AS timestamp
    )) AS hour_before
  FROM periods
  CROSS JOIN UNNEST(utc_days) AS days (utc_day)
  CROSS JOIN UNNEST(sequence(0, 23)) AS numbers (number)
)
SELECT
  CAST(hour AS date) AS day,
  day_of_week(hour) AS weekday,
  hour(hour) AS hour,
  source_menu,
  channel,
  coalesce(element_at(visits, hour), 0) AS visits,
  coalesce(element_at(orders, hour), 0) AS orders,
  coalesce(element_at(revenue, hour), CAST(0 AS decimal(15,3))) AS revenue
FROM instants
WHERE CAST(hour AS date) BETWEEN first_day AND last_day AND hour <> hour_before
