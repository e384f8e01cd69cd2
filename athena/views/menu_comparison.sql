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
--   period_start         first day of the menu's and channel's days that lie at most 14 days apart: what a comparison
--                        may go back to, whatever a stray event says
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
),
steps AS (
  SELECT
    *,
    CASE
      WHEN date_diff('day', lag(day) OVER (PARTITION BY source_menu, channel ORDER BY day), day) <= 14 THEN NULL
      ELSE day
    END AS beginning
  FROM totals
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
  CAST(revenue / nullif(orders, 0) AS decimal(15,3)) AS average_order_value,
  max(beginning) OVER (PARTITION BY source_menu, channel ORDER BY day RANGE UNBOUNDED PRECEDING) AS period_start
FROM steps
