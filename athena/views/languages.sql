-- Which language do guests read, where are they at home, and what do they bring?
-- One row is one day (of the visit's start) for one menu, channel, language, country and currency. A visit counts
-- in the row of its first currency, one without orders in that of its menu's usual currency: see visit_sales.
-- Orders without a visit, as of a till, are of no language and not here.
--   business_date      day that ends at 05:00
--   day                date, wall clock of the restaurant
--   source_menu        menu or restaurant
--   channel            web, app, kiosk or qr, if the page tells
--   language           of the guest's browser, ISO 639 such as de, null if it does not tell
--   country            of its time zone, ISO 3166 such as CH, null if it does not tell
--   visits             visits
--   visits_with_order  visits with at least one order
--   orders             orders in currency
--   revenue            in currency
--   currency           null where no order tells
--   conversion_rate    share of the visits with an order, null without visits
CREATE OR REPLACE VIEW languages AS
SELECT
  business_date,
  day,
  source_menu,
  channel,
  language,
  country,
  sum(visits) AS visits,
  sum(visits_with_order) AS visits_with_order,
  sum(orders) AS orders,
  sum(revenue) AS revenue,
  currency,
  CAST(sum(visits_with_order) AS double) / nullif(sum(visits), 0) AS conversion_rate
FROM visit_sales
WHERE visit_id IS NOT NULL
GROUP BY business_date, day, source_menu, channel, language, country, currency
