-- What is ordered at once, when, and for how much?
-- One row is one order in one currency: the dishes of one order_id on one menu on one business date (it ends at 05:00,
-- so that an order at midnight is whole, and numbers may begin anew each day). A dish without an order_id is an order.
--   order_key     its order_id, else the event_key of the dish
--   business_date  day that ends at 05:00. Filter on it besides `day`, from a day earlier on, to read only those days
--   day           date of its first dish, wall clock of the restaurant
--   ordered_at    time of its first dish, wall clock
--   source_menu   menu or restaurant
--   channel, device  of its events; should they differ, the first in the alphabet
--   session_id    of the visit, if the page tells
--   dishes        different dishes
--   quantity      pieces
--   revenue       in currency
--   currency      of its dishes; a dish that names none is in the first of its order, null if no dish names one
CREATE OR REPLACE VIEW orders AS
SELECT
  order_key,
  business_date,
  CAST(CAST(with_timezone(min(event_time), 'UTC') AT TIME ZONE '${time_zone}' AS timestamp) AS date) AS day,
  CAST(with_timezone(min(event_time), 'UTC') AT TIME ZONE '${time_zone}' AS timestamp) AS ordered_at,
  source_menu,
  min(channel) AS channel,
  min(device) AS device,
  min(session_id) AS session_id,
  count(DISTINCT element_clicked) AS dishes,
  sum(quantity) AS quantity,
  CAST(sum(revenue) AS decimal(15,3)) AS revenue,
  currency
FROM order_lines
GROUP BY business_date, source_menu, order_key, currency
