-- Which menu, channel and device sells?
-- One row is one local day (of the visit's start) for one menu, channel and device.
--   day                  date, wall clock of the restaurant
--   source_menu          menu or restaurant
--   channel              web, app, kiosk or qr, if the page tells
--   device               mobile, tablet, desktop or other
--   visits               visits
--   orders               orders of these visits
--   visits_with_order    visits with at least one
--   quantity             pieces ordered
--   revenue              in currency
--   currency             of its orders: one menu sells in one currency
--   conversion_rate      share of the visits with an order
--   average_order_value  revenue for each order, in currency, null without orders
CREATE OR REPLACE VIEW menu_comparison AS
WITH totals AS (
  SELECT
    day,
    source_menu,
    channel,
    device,
    count(*) AS visits,
    sum(orders) AS orders,
    count_if(has_order) AS visits_with_order,
    sum(quantity) AS quantity,
    sum(revenue) AS revenue,
    min(currency) AS currency
  FROM visits
  GROUP BY day, source_menu, channel, device
)
SELECT
  day,
  source_menu,
  channel,
  device,
  visits,
  orders,
  visits_with_order,
  quantity,
  revenue,
  currency,
  CAST(visits_with_order AS double) / visits AS conversion_rate,
  CAST(revenue / nullif(orders, 0) AS decimal(15,3)) AS average_order_value
FROM totals
