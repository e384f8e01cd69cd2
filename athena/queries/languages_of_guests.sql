-- Which translation of the menu pays
-- How to read it: one line for each menu, language and currency. A language with many visits and a low
-- conversion_rate lacks a translation, or has a bad one. Languages are those of guests' browsers.
-- A business date lasts from 05:00 to 05:00.
-- Parameters: the first and the last day, in quotes: '2026-11-01', '2026-11-30'.
SELECT
  source_menu,
  language,
  sum(visits) AS visits,
  sum(orders) AS orders,
  sum(revenue) AS revenue,
  currency,
  round(CAST(sum(visits_with_order) AS double) / nullif(sum(visits), 0), 4) AS conversion_rate,
  array_join(array_agg(DISTINCT country ORDER BY country), ' ') AS countries
FROM languages
WHERE business_date BETWEEN CAST(? AS date) AND CAST(? AS date)
GROUP BY source_menu, language, currency
ORDER BY source_menu, currency, visits DESC, language
