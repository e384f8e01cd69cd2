visits_per_hour > 0 OR weekday = 7 AND hour IN (1, 2)
