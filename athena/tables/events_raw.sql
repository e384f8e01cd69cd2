-- Every event as it was delivered: repeats and bots included.
-- One row is one delivery of an event. Partitions are the months of arrival in the stack's time zone, but a row of
-- just after midnight may lie in the month before. They are projected from as far back as events are kept, because
-- Athena lists each of them, also the empty ones. Columns are those of Row in functions/transform/event.py.
CREATE EXTERNAL TABLE `${database}`.`events_raw` (
  `event_id` string COMMENT 'The same for every delivery of an event',
  `event_key` bigint COMMENT '40 bits of XXH64 of event_id, or of an order line: repeats are merged by it',
  `event_type` string COMMENT 'click, menu_view, item_view, add_to_cart, remove_from_cart or order',
  `event_time` timestamp COMMENT 'When it happened, UTC',
  `local_time` timestamp COMMENT 'When it happened, wall clock of the restaurant',
  `local_date` date COMMENT 'Day of local_time',
  `business_date` date COMMENT 'Business date: until 05:00 that of the evening before',
  `business_ms` int COMMENT 'Milliseconds of event_time since 00:00 UTC on business_date',
  `received_at` timestamp COMMENT 'When the API took it, UTC',
  `received_date` date COMMENT 'Day of received_at in the time zone of the stack',
  `clock_adjusted` boolean COMMENT 'The client\'s clock was ahead or far behind, so event_time is received_at',
  `session_id` string COMMENT 'One visit, as the page tells it',
  `visit_key` bigint COMMENT 'Likewise: from 0 on of session_id, else below 0 of visitor_id; visits are grouped by it',
  `visitor_id` string COMMENT 'One visitor of one day; days cannot be linked',
  `source_menu` string COMMENT 'Menu or restaurant',
  `element_clicked` string COMMENT 'What was touched or looked at',
  `category` string COMMENT 'Part of the menu',
  `time_spent` double COMMENT 'Seconds',
  `quantity` int COMMENT 'Pieces',
  `unit_price` double COMMENT 'In currency, as sent',
  `revenue` double COMMENT 'quantity x unit_price of an order, in currency',
  `currency` string COMMENT 'ISO 4217',
  `order_id` string COMMENT 'Joins the dishes of one order',
  `order_line` string COMMENT 'Tells two lines of an order with the same dish apart',
  `channel` string COMMENT 'web, app, kiosk, qr or till',
  `page` string COMMENT 'Where on the site',
  `page_host` string COMMENT 'Host of the page, or file: of a saved copy',
  `referrer_host` string COMMENT 'Host of the page that led here',
  `utm_source` string COMMENT 'Of the address of the page, in lower case, likewise the next two',
  `utm_medium` string COMMENT 'Such as email or social',
  `utm_campaign` string COMMENT 'Such as autumn',
  `table_number` string COMMENT 'Table at which the guest sits, by the address of the page',
  `language` string COMMENT 'Language of the browser, ISO 639 in lower case',
  `country` string COMMENT 'Country of the browser\'s time zone, ISO 3166',
  `device` string COMMENT 'mobile, tablet, desktop or other',
  `is_bot` boolean COMMENT 'Sent by a program or a driven browser rather than a guest',
  `tracker` string COMMENT 'Version of the tracker that sent it',
  `properties` map<string,string> COMMENT 'What else the page says',
  `request_id` string COMMENT 'The API request that brought it',
  `schema_version` int COMMENT 'Version of these columns'
)
PARTITIONED BY (`ingest_month` string COMMENT 'Month in which the stream took the oldest record of the file, yyyy-MM')
STORED AS PARQUET
LOCATION 's3://${bucket}/events/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.ingest_month.type' = 'date',
  'projection.ingest_month.format' = 'yyyy-MM',
  'projection.ingest_month.range' = 'NOW-${event_months}MONTHS,NOW+1MONTHS',
  'projection.ingest_month.interval' = '1',
  'projection.ingest_month.interval.unit' = 'MONTHS',
  'storage.location.template' = 's3://${bucket}/events/ingest_month=$${ingest_month}/'
)
