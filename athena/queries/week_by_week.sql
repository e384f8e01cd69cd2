-- Is it getting better, week by week
-- How to read it: a change is the rate against the week before, null for the first. Weeks are complete, from
-- Monday to Sunday, and their Monday lies in the period: the week that runs is left out, and so is the one in
-- which a menu had its first visit.
-- The view week_over_week says the same of all days.
-- Parameters: the first and the last day, in quotes: '2026-11-01', '2026-11-30'.
SELECT
  source_menu,
  week_start,
  visits,
  orders,
  revenue,
  currency,
  round(visits_change, 4) AS visits_change,
  round(orders_change, 4) AS orders_change,
  round(revenue_change, 4) AS revenue_change
FROM week_over_week
WHERE week_start BETWEEN CAST(? AS date) AND CAST(? AS date)
ORDER BY source_menu, currency, week_start
