-- The episodes of each day. One row an episode, on the day it counts on.
select
    day, -- the published day, or the day of the first poll that saw it where the published day was over by then
    episode_id, -- first 16 hex digits of SHA-256 of feed_id and guid
    feed_id, -- joins feeds
    guid, -- as the feed has it
    title, -- of the episode
    link, -- its page on the web
    published_at, -- as the feed says; null where it gives no date that can be read
    first_seen_at, -- the poll that found it
    enclosure_url, -- where the audio is
    duration_s, -- as the feed says
    language, -- as the feed says
    feed_url, -- of its feed, as subscribed
    "show", -- the feed's title when the episode was first seen
    summary, -- what it is about, as plain text
    show_notes, -- the long description as plain text, where it says more
    author, -- as the feed says
    season, -- its number
    episode, -- its number in the season
    episode_type, -- full, trailer or bonus
    explicit, -- not for children
    image_url, -- its own picture
    keywords, -- as the feed says
    persons, -- name, role, group, href of hosts and guests
    soundbites, -- start_s, duration_s, title of what the publisher holds worth hearing
    chapters, -- start_s and title of those that the feed itself has
    chapters_url, -- where the others lie
    enclosure_type, -- media type, as the feed says
    enclosure_bytes, -- size, as the feed says
    transcripts, -- every transcript that the feed names: url, type, language, rel
    status, -- ok, or skipped where there is nothing to hear and nothing to read
    reason -- why it was skipped
from lake.episodes
order by day, episode_id
