-- How busy is each hour?
-- One row is one hour of one local day for one menu and channel, hours without visits included. The days are those of
-- the menu's periods: a period begins and ends with a day that has visits, and 14 days without any end it. A period
-- of one or two days beside a longer one is left out: it comes from a wrong clock, and would thin the averages.
-- The hour that is left out when clocks go forward has no row; the one that comes twice when they go back has one,
-- for both.
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
  FROM visits
  GROUP BY source_menu, channel, date_trunc('hour', started_at)
),
steps AS (
  -- How many days each hour with visits comes after the one before it; null for the menu's first.
  SELECT
    *,
    date_diff(
      'day', CAST(lag(hour) OVER (PARTITION BY source_menu ORDER BY hour, channel) AS date), CAST(hour AS date)
    ) AS days_since
  FROM counts
),
periods AS (
  SELECT
    *,
    sum(CASE WHEN days_since <= 14 THEN 0 ELSE 1 END) OVER (
      PARTITION BY source_menu ORDER BY hour, channel ROWS UNBOUNDED PRECEDING
    ) AS period
  FROM steps
),
lengths AS (
  SELECT
    *,
    sum(CASE WHEN days_since = 0 THEN 0 ELSE 1 END) OVER (PARTITION BY source_menu, period) AS days_with_visits
  FROM periods
),
ranks AS (
  SELECT
    *,
    first_value(period) OVER (PARTITION BY source_menu ORDER BY days_with_visits DESC, period DESC) AS longest_period
  FROM lengths
),
channels AS (
  -- One row for each menu and channel, with what was counted by hour: so the table is read once. The first hour of
  -- each day brings the days that passed since the day before it, at most 14 at a time: Trino's sequences are short.
  SELECT
    source_menu,
    channel,
    flatten(array_agg(flatten(array_agg(
      CASE
        WHEN days_since BETWEEN 1 AND 14
          THEN sequence(CAST(date_add('day', 1 - days_since, hour) AS date), CAST(hour AS date), INTERVAL '1' DAY)
        WHEN days_since = 0 THEN CAST(ARRAY[] AS array(date))
        ELSE ARRAY[CAST(hour AS date)]
      END
    ))) OVER (PARTITION BY source_menu)) AS days,
    map_agg(hour, visits) AS visits,
    map_agg(hour, orders) AS orders,
    map_agg(hour, revenue) AS revenue
  FROM ranks
  WHERE days_with_visits >= 3 OR period = longest_period
  GROUP BY source_menu, channel
),
instants AS (
  -- Every hour of UTC that can lie in the local day, and the one before, on the wall clock: what exists there, exists.
  SELECT
    channels.*,
    day,
    date_trunc('hour', CAST(
      with_timezone(date_add('hour', number, CAST(day AS timestamp)), 'UTC') AT TIME ZONE '${time_zone}'
      AS timestamp
    )) AS hour,
    date_trunc('hour', CAST(
      with_timezone(date_add('hour', number - 1, CAST(day AS timestamp)), 'UTC') AT TIME ZONE '${time_zone}'
      AS timestamp
    )) AS hour_before
  FROM channels
  CROSS JOIN UNNEST(days) AS each_day (day)
  CROSS JOIN UNNEST(sequence(-14, 36)) AS numbers (number) -- zones are 14 hours ahead to 12 behind
)
SELECT
  day,
  day_of_week(hour) AS weekday,
  hour(hour) AS hour,
  source_menu,
  channel,
  coalesce(element_at(visits, hour), 0) AS visits,
  coalesce(element_at(orders, hour), 0) AS orders,
  coalesce(element_at(revenue, hour), CAST(0 AS decimal(15,3))) AS revenue
FROM instants
WHERE CAST(hour AS date) = day AND hour <> hour_before
