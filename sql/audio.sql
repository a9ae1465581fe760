-- The downloads. One row an episode; nothing is downloaded where the publisher gives a transcript.
select
    day, -- of the episode
    episode_id, -- joins episodes
    status, -- ok, skipped (a publisher's transcript is there), waiting (for room), deferred (tried again) or failed
    reason, -- why it is not ok
    url, -- where it was fetched
    media_type, -- of the file, by its content where that is known
    sha256, -- of the file; speech recognition is paid for once a hash
    bytes, -- of the file
    path -- where it was put; null once it was heard and removed
from lake.audio
order by day, episode_id
