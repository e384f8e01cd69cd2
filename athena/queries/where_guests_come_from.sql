-- Where do guests come from, and which of them order
-- How to read it: source is a link's utm_source, else the channel, else the site that led to the menu, else
-- direct. Compare conversion_rate: many visits and few orders are a campaign that costs more than it gives.
-- A business date lasts from 05:00 to 05:00.
-- Parameters: the first and the last day, in quotes: '2026-11-01', '2026-11-30'.
SELECT
  source_menu,
  source,
  campaign,
  sum(visits) AS visits,
  sum(orders) AS orders,
  sum(revenue) AS revenue,
  currency,
  round(CAST(sum(visits_with_order) AS double) / nullif(sum(visits), 0), 4) AS conversion_rate
FROM sources
WHERE business_date BETWEEN CAST(? AS date) AND CAST(? AS date)
GROUP BY source_menu, source, campaign, currency
ORDER BY source_menu, currency, visits DESC, source, campaign
