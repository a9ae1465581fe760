-- Which feeds fail, since when, and why?
select
    title,
    feed_url,
    status,
    http_status,
    error_kind,
    error,
    consecutive_failures,
    last_success_at,
    next_poll_at,
    date_diff('day', last_success_at, last_polled_at) as days_without_answer
from feeds
where status not in ('ok', 'not_modified') or consecutive_failures > 0
order by consecutive_failures desc, feed_url asc
