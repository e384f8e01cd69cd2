-- Trino functions whose DuckDB namesake answers something else, or that DuckDB lacks.
-- A failing CAST stands for Trino's run-time error, because error() is volatile and so not allowed inside TRY.

-- https://trino.io/docs/current/functions/string.html
CREATE MACRO trino_substr
    (s, start) AS CASE WHEN start = 0 OR abs(start) > length(s) THEN '' ELSE substr(s, start) END,
    (s, start, size) AS CASE WHEN start = 0 OR abs(start) > length(s) THEN '' ELSE substr(s, start, size) END;
CREATE MACRO trino_split_part(s, delimiter, position) AS CASE
    WHEN position < 1 THEN CAST('Index must be greater than zero: ' || position AS INTEGER)::VARCHAR
    WHEN position > len(string_split(s, delimiter)) THEN NULL
    ELSE split_part(s, delimiter, position) END;
CREATE MACRO trino_replace
    (s, search) AS replace(s, search, ''),
    (s, search, replacement) AS replace(s, search, replacement);
CREATE MACRO trino_to_hex(b) AS upper(hex(b));
CREATE MACRO trino_md5(b) AS unhex(md5(b));
CREATE MACRO trino_sha256(b) AS unhex(sha256(b));

-- https://trino.io/docs/current/functions/regexp.html: no match is NULL; every match is replaced; groups are $1.
CREATE MACRO trino_regexp_extract
    (s, pattern) AS CASE WHEN regexp_matches(s, pattern) THEN regexp_extract(s, pattern) END,
    (s, pattern, "group") AS CASE WHEN regexp_matches(s, pattern) THEN regexp_extract(s, pattern, "group") END;
CREATE MACRO trino_regexp_replace
    (s, pattern) AS regexp_replace(s, pattern, '', 'g'),
    (s, pattern, replacement) AS
        regexp_replace(s, pattern, regexp_replace(replacement, '\$(\d)', '\\\1', 'g'), 'g');

-- https://trino.io/docs/current/functions/json.html: an object or an array is not a scalar.
CREATE MACRO trino_json_extract_scalar(j, path) AS CASE
    WHEN json_type(j, path) NOT IN ('OBJECT', 'ARRAY') THEN json_extract_string(j, path) END;
CREATE MACRO trino_json_parse(s) AS CAST(s AS JSON);
CREATE MACRO trino_json_format(j) AS CAST(j AS VARCHAR);

-- https://trino.io/docs/current/functions/datetime.html
CREATE MACRO trino_from_iso8601_timestamp(s) AS CASE
    WHEN regexp_matches(s, '[+-]\d\d(:?\d\d)?$') AND NOT regexp_matches(s, '[+-]00(:?00)?$')
        AND regexp_matches(s, 'T')
    THEN CAST('NOT_SUPPORTED: a time zone other than UTC in from_iso8601_timestamp: ' || s AS INTEGER)::VARCHAR
    ELSE s END::TIMESTAMPTZ;
CREATE MACRO trino_from_unixtime(seconds) AS to_timestamp(round(seconds::DOUBLE, 3));
CREATE MACRO trino_year_of_week(x) AS isoyear(x);
CREATE MACRO trino_millisecond(x) AS millisecond(x) % 1000;
CREATE MACRO trino_last_day_of_month(x) AS last_day(x);

-- https://trino.io/docs/current/functions/math.html
CREATE MACRO trino_log(base, x) AS ln(x) / ln(base);

-- Trino divides decimals to the larger scale of the two and rounds half away from zero. Both come here as whole
-- numbers of that scale, so that no double gets in between.
-- https://trino.io/docs/current/functions/decimal.html
CREATE MACRO trino_unscaled(x) AS CAST(replace(CAST(x AS VARCHAR), '.', '') AS HUGEINT);
CREATE MACRO trino_round_division(n, d) AS
    sign(n) * sign(d) * ((2 * abs(n) + abs(d)) // (2 * abs(d)));
CREATE MACRO trino_divide_decimals(a, b, unit) AS
    CAST(trino_round_division(trino_unscaled(a) * CAST(1 / unit AS HUGEINT), trino_unscaled(b)) AS DECIMAL(38, 0));

-- https://trino.io/docs/current/functions/array.html and map.html
-- An element that is NULL makes an answer NULL, or is kept; DuckDB leaves it out.
CREATE MACRO trino_has_null(a) AS list_count(a) < len(a);
CREATE MACRO trino_array_position(a, x) AS CASE WHEN x IS NOT NULL AND a IS NOT NULL THEN coalesce(list_position(a, x), 0) END;
CREATE MACRO trino_contains(a, x) AS CASE WHEN list_contains(a, x) OR NOT trino_has_null(a) THEN list_contains(a, x) END;
CREATE MACRO trino_arrays_overlap(a, b) AS CASE
    WHEN list_has_any(a, b) OR NOT (trino_has_null(a) OR trino_has_null(b)) THEN list_has_any(a, b) END;
CREATE MACRO trino_array_distinct(a) AS CASE
    WHEN trino_has_null(a) THEN list_append(list_distinct(a), NULL) ELSE list_distinct(a) END;
CREATE MACRO trino_array_max(a) AS CASE WHEN NOT trino_has_null(a) THEN list_max(a) END;
CREATE MACRO trino_array_min(a) AS CASE WHEN NOT trino_has_null(a) THEN list_min(a) END;
CREATE MACRO trino_slice_fits(start, size) AS CASE
    WHEN start = 0 THEN CAST('SQL array indices start at 1: ' || start AS INTEGER)::VARCHAR::INTEGER = 0
    WHEN size < 0 THEN CAST('Length must be greater than or equal to 0: ' || size AS INTEGER)::VARCHAR::INTEGER = 0
    ELSE true END;
CREATE MACRO trino_slice(a, start, size) AS CASE
    WHEN trino_slice_fits(start, size) THEN list_slice(a, start, start + size - 1) END;
CREATE MACRO trino_item(a, i) AS CASE
    WHEN i < 1 OR i > len(a) THEN CAST('Array subscript out of bounds: ' || i AS INTEGER)::VARCHAR::INTEGER = 0
    ELSE true END;
-- element_at answers NULL outside of the array, and fails for 0: ArrayElementAtFunction.java
CREATE MACRO trino_index(i) AS CASE
    WHEN i = 0 THEN CAST('SQL array indices start at 1: ' || i AS INTEGER)::VARCHAR::INTEGER = 0 ELSE true END;
CREATE MACRO trino_key(m, k) AS CASE
    WHEN NOT map_contains(m, k) THEN CAST('Key not present in map: ' || k AS INTEGER)::VARCHAR::INTEGER = 0
    ELSE true END;
CREATE MACRO trino_sequence_fits(a, b, step) AS CASE
    WHEN a + step = a OR (b > a AND a + step < a) OR (b < a AND a + step > a)
    THEN CAST('Sequence does not lead from its start to its stop: ' || b AS INTEGER)::VARCHAR::INTEGER = 0
    WHEN (b > a AND a + step * SEQUENCE_ENTRIES::BIGINT <= b)
        OR (b < a AND a + step * SEQUENCE_ENTRIES::BIGINT >= b)
    THEN CAST('Result of sequence function must not have more than SEQUENCE_ENTRIES entries: ' || b AS INTEGER)
        ::VARCHAR::INTEGER = 0
    ELSE true END;
CREATE MACRO trino_sequence
    (a, b) AS CASE WHEN trino_sequence_fits(a, b, CASE WHEN a <= b THEN 1 ELSE -1 END)
        THEN generate_series(a, b, CASE WHEN a <= b THEN 1 ELSE -1 END) END,
    (a, b, step) AS CASE WHEN trino_sequence_fits(a, b, step) THEN generate_series(a, b, step) END;

-- How Trino's CAST writes values: https://trino.io/docs/current/language/types.html
CREATE MACRO trino_timestamp_text(x) AS strftime(x, '%Y-%m-%d %H:%M:%S.%g');
CREATE MACRO trino_instant_text(x) AS strftime(x, '%Y-%m-%d %H:%M:%S.%g UTC');
-- Java's Double.toString: scientific from 1e7 up and below 1e-3.
CREATE MACRO trino_double_text(x) AS CASE
    WHEN isnan(x) THEN 'NaN'
    WHEN isinf(x) THEN CASE WHEN x > 0 THEN 'Infinity' ELSE '-Infinity' END
    WHEN x = 0 OR (abs(x) >= 1e-3 AND abs(x) < 1e7) THEN CAST(x AS VARCHAR)
    ELSE regexp_replace(list_filter(
        [format('{:.1e}', x), format('{:.2e}', x), format('{:.3e}', x), format('{:.4e}', x), format('{:.5e}', x),
         format('{:.6e}', x), format('{:.7e}', x), format('{:.8e}', x), format('{:.9e}', x), format('{:.10e}', x),
         format('{:.11e}', x), format('{:.12e}', x), format('{:.13e}', x), format('{:.14e}', x), format('{:.15e}', x), format('{:.16e}', x)],
        lambda text: CAST(text AS DOUBLE) = x)[1], 'e\+?(-?)0*', 'E\1') END;

-- What Trino's CAST reads in a text; DuckDB reads more: VarcharOperators.java, DateOperators.java, DateTimes.java
CREATE MACRO trino_readable(s, pattern) AS CASE WHEN regexp_full_match(trim(s), pattern) THEN trim(s) END;
CREATE MACRO trino_read(s, pattern, kind) AS CASE
    WHEN s IS NOT NULL AND NOT regexp_full_match(trim(s), pattern)
    THEN CAST('Cannot cast to ' || kind || ': ' || s AS INTEGER)::VARCHAR
    ELSE trim(s) END;
