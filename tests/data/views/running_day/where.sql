day <> CAST(now() AT TIME ZONE 'Europe/Rome' AS date) OR business_date <> CAST((now() - INTERVAL '5' HOUR) AT TIME ZONE 'Europe/Rome' AS date)
