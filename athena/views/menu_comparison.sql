-- Which menu, channel and device sells?
-- One row is one local day (of the visit's start) for one menu, channel, device and currency. A visit counts in the
-- row of its first currency, one without orders in that of its menu's usual currency: see visit_sales.
--   day                  date, wall clock of the restaurant
--   source_menu          menu or restaurant
--   channel              web, app, kiosk, qr or till, if the sender tells
--   device               mobile, tablet, desktop or other
--   visits               visits
--   orders               orders in currency, those without a visit included
--   visits_with_order    visits with at least one order
--   quantity             pieces ordered in currency
--   revenue              in currency
--   currency             null where no order tells
--   conversion_rate      share of the visits with an order, null without visits
--   average_order_value  revenue for each order, in currency, null without orders
CREATE OR REPLACE VIEW menu_comparison AS
WITH totals AS (
  SELECT
    day,
    source_menu,
    channel,
    device,
    sum(visits) AS visits,
    sum(orders) AS orders,
    sum(visits_with_order) AS visits_with_order,
    sum(quantity) AS quantity,
    sum(revenue) AS revenue,
    currency
  FROM visit_sales
  GROUP BY day, source_menu, channel, device, currency
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
  CAST(visits_with_order AS double) / nullif(visits, 0) AS conversion_rate,
  CAST(revenue / nullif(orders, 0) AS decimal(15,3)) AS average_order_value
FROM totals
