-- Where do guests come from, and what do they bring?
-- One row is one day (of the visit's start) for one menu, channel, source, campaign, table and currency. A visit
-- counts in the row of its first currency, one without orders in that of its menu's usual currency: see visit_sales.
-- Orders without a visit, as of a till, come from nowhere and are not here.
--   business_date      day that ends at 05:00
--   day                date, wall clock of the restaurant
--   source_menu        menu or restaurant
--   channel            web, app, kiosk or qr, if the page tells
--   source             utm_source of the page's address; else the channel, if it is another than web; else qr, if the
--                      address names a table; else the host of the page that led here; else direct
--   medium, campaign   utm_medium and utm_campaign of the address, null without
--   table_number       table of the address, null without
--   visits             visits
--   visits_with_order  visits with at least one order
--   orders             orders in currency
--   revenue            in currency
--   currency           null where no order tells
--   conversion_rate    share of the visits with an order, null without visits
CREATE OR REPLACE VIEW sources AS
SELECT
  business_date,
  day,
  source_menu,
  channel,
  coalesce(
    utm_source,
    nullif(channel, 'web'),
    CASE WHEN table_number IS NOT NULL THEN 'qr' END,
    referrer_host,
    'direct'
  ) AS source,
  utm_medium AS medium,
  utm_campaign AS campaign,
  table_number,
  sum(visits) AS visits,
  sum(visits_with_order) AS visits_with_order,
  sum(orders) AS orders,
  sum(revenue) AS revenue,
  currency,
  CAST(sum(visits_with_order) AS double) / nullif(sum(visits), 0) AS conversion_rate
FROM visit_sales
WHERE visit_id IS NOT NULL
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, currency
