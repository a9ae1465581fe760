-- The feeds that are followed, as the newest poll left them. One row a feed.
select
    feed_id, -- first 12 hex digits of SHA-256 of feed_url; stays when the feed moves
    feed_url, -- as subscribed
    title, -- the show's name, from the newest feed that could be read
    status, -- how the newest poll ended: ok, not_modified, error, gone or quarantined
    http_status, -- of the newest poll; null where no server answered
    error, -- why the newest poll failed; null where it did not
    etag, -- sent with the next poll, so that an unchanged feed costs nothing
    last_modified, -- as etag
    last_polled_at, -- the newest attempt
    last_changed_at, -- the newest poll that brought another document than the one before
    consecutive_failures, -- failed polls since the last one that was answered
    current_url, -- where it has moved for good; null where it has not
    error_kind, -- why it failed, in one word: dns, connect, timeout, http, not_a_feed, wait (not asked), ...
    next_poll_at, -- the schedule leaves it alone until then
    retry_after, -- its server wants no request before; null where it said nothing
    gap_s, -- the usual time between two episodes
    newest_at, -- the newest episode
    ttl_s, -- how long the feed wants to be left alone
    skip_hours, -- hours (UTC) in which it wants no request
    skip_days, -- days likewise, 0 Monday to 6 Sunday
    body_sha256, -- of the newest document that was read
    episodes, -- items of that document
    last_success_at -- the newest poll that was answered
from lake.feeds
order by feed_id
