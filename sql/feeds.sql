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
    body_sha256, -- names the newest document that was read in the archive of raw feeds
    episodes, -- items of that document
    last_success_at -- the newest poll that was answered
from lake.feeds
order by feed_id
