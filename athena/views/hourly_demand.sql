-- How busy is each hour?
-- One row is one hour of one local day for one menu, channel and currency, hours without visits included. Only hours
-- that are over have a row, and lie in one of the menu's periods: a period begins with the hour of a visit and ends
-- with a day that has visits; 14 days without any end it. A period of one or two days beside a longer one is left out:
-- it comes from a wrong clock, and would thin the averages. An order without a visit, as of a till, counts for a period
-- as a visit does.
-- The hour that is left out when clocks go forward has no row; the one that comes twice when they go back has one,
-- for both.
--   day          date, wall clock of the restaurant
--   weekday      1 (Monday) to 7 (Sunday)
--   hour         0 to 23
--   source_menu  menu or restaurant
--   channel      web, app, kiosk, qr or till, if the sender tells
--   visits       visits that began in it, each in the row of one currency: see visit_sales
--   orders       orders of these visits in currency, and those without a visit whose first dish was in it
--   revenue      of these orders
--   currency     null where no order tells
--   is_open      1 if at least one in a hundred of the menu's visits begin in this hour of some day, else 0
CREATE OR REPLACE VIEW hourly_demand AS
WITH counts AS (
  SELECT
    source_menu,
    channel,
    currency,
    date_trunc('hour', started_at) AS hour,
    sum(visits) AS visits,
    sum(orders) AS orders,
    sum(revenue) AS revenue
  FROM visit_sales
  GROUP BY source_menu, channel, currency, date_trunc('hour', started_at)
),
steps AS (
  -- How many days each hour with visits comes after the one before it; null for the menu's first.
  SELECT
    *,
    date_diff(
      'day',
      CAST(lag(hour) OVER (PARTITION BY source_menu ORDER BY hour, channel, currency) AS date),
      CAST(hour AS date)
    ) AS days_since
  FROM counts
),
periods AS (
  SELECT
    *,
    sum(CASE WHEN days_since <= 14 THEN 0 ELSE 1 END) OVER (
      PARTITION BY source_menu ORDER BY hour, channel, currency ROWS UNBOUNDED PRECEDING
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
  -- One row for each menu, channel and currency, with what was counted by hour: so the table is read once. The first
  -- hour of each day brings the days that passed since the day before it, at most 14 at a time: Trino's sequences are
  -- short. Each begins at midnight, a period's first with its first visit.
  SELECT
    source_menu,
    channel,
    currency,
    flatten(array_agg(flatten(array_agg(
      CASE
        WHEN days_since BETWEEN 1 AND 14 THEN sequence(
          date_add('day', 1 - days_since, date_trunc('day', hour)), date_trunc('day', hour), INTERVAL '1' DAY
        )
        WHEN days_since = 0 THEN CAST(ARRAY[] AS array(timestamp))
        ELSE ARRAY[hour]
      END
    ))) OVER (PARTITION BY source_menu)) AS days,
    map_agg(hour, visits) AS visits,
    map_agg(hour, orders) AS orders,
    map_agg(hour, revenue) AS revenue
  FROM ranks
  WHERE days_with_visits >= 3 OR period = longest_period
  GROUP BY source_menu, channel, currency
),
instants AS (
  -- Every hour of UTC that can lie in the local day, and the one before, on the wall clock: what exists there, exists.
  SELECT
    channels.*,
    begins_at,
    date_trunc('hour', CAST(
      with_timezone(date_add('hour', number, date_trunc('day', begins_at)), 'UTC') AT TIME ZONE '${time_zone}'
      AS timestamp
    )) AS hour,
    date_trunc('hour', CAST(
      with_timezone(date_add('hour', number - 1, date_trunc('day', begins_at)), 'UTC') AT TIME ZONE '${time_zone}'
      AS timestamp
    )) AS hour_before
  FROM channels
  CROSS JOIN UNNEST(days) AS each_day (begins_at)
  CROSS JOIN UNNEST(sequence(-14, 36)) AS numbers (number) -- zones are 14 hours ahead to 12 behind
),
hours AS (
  SELECT
    CAST(hour AS date) AS day,
    day_of_week(hour) AS weekday,
    hour(hour) AS hour,
    source_menu,
    channel,
    coalesce(element_at(visits, hour), 0) AS visits,
    coalesce(element_at(orders, hour), 0) AS orders,
    coalesce(element_at(revenue, hour), CAST(0 AS decimal(15,3))) AS revenue,
    currency
  FROM instants
  WHERE
    CAST(hour AS date) = CAST(begins_at AS date)
    AND hour >= begins_at
    AND hour < date_trunc('hour', CAST(now() AT TIME ZONE '${time_zone}' AS timestamp))
    AND hour <> hour_before
)
SELECT
  *,
  CASE
    WHEN sum(visits) OVER (PARTITION BY source_menu, hour) * 100 >= sum(visits) OVER (PARTITION BY source_menu) THEN 1
    ELSE 0
  END AS is_open
FROM hours
