-- What the publishers' own transcripts gave. One row an episode.
select
    day, -- of the episode
    episode_id, -- joins episodes
    status, -- ok, none (the feed names none that is read), deferred (nobody answered; tried again) or failed
    reason, -- why it is not ok
    url, -- of the document that was taken
    type, -- json, vtt or srt
    language, -- of the document
    document_sha256, -- names the document in the cache
    bytes, -- its size
    segments, -- sentences or cues it holds
    words, -- words it holds
    speakers, -- how many speakers it names
    timing -- exact (words are timed) or segment
from lake.publisher_transcripts
order by day, episode_id
