-- Visits, orders and revenue by menu, currency and day, in the letter's week by hour too: since 28 days before the
-- week before it, which show whether the data cover that week. Menus with most visits first.
SELECT
  source_menu,
  currency,
  day,
  CASE WHEN day >= DATE '${first_day}' THEN hour(started_at) END AS hour,
  sum(visits) AS visits,
  sum(visits_with_order) AS visits_with_order,
  sum(orders) AS orders,
  sum(revenue) AS revenue
FROM visit_sales
WHERE
  business_date BETWEEN date_add('day', -36, DATE '${first_day}') AND DATE '${last_day}'
  AND day BETWEEN date_add('day', -35, DATE '${first_day}') AND DATE '${last_day}'
GROUP BY 1, 2, 3, 4
ORDER BY sum(sum(visits)) OVER (PARTITION BY source_menu) DESC, source_menu, currency, day, hour
LIMIT 20000
