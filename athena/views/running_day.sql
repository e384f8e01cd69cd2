-- Which day is not over, and what time is it?
-- One row, for saved queries: these know no time zone.
--   day            date, wall clock of the restaurant
--   business_date  day that ends at 05:00
--   local_time     the time now, wall clock of the restaurant
CREATE OR REPLACE VIEW running_day AS
SELECT
  CAST(now() AT TIME ZONE '${time_zone}' AS date) AS day,
  CAST(date_add('hour', -5, CAST(now() AT TIME ZONE '${time_zone}' AS timestamp)) AS date) AS business_date,
  CAST(now() AT TIME ZONE '${time_zone}' AS timestamp) AS local_time
