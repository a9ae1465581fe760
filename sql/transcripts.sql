-- The transcript of each episode, whoever made it. One row an episode; the words themselves are in segments.
select
    day, -- of the episode
    episode_id, -- joins episodes
    status, -- ok, deferred (tried again by the next run) or failed
    source, -- publisher, or asr (speech recognition)
    reason, -- why it is not ok
    language, -- spoken
    model, -- of speech recognition; null where the publisher wrote the transcript
    words, -- how many were said
    speech_s, -- seconds in which somebody speaks
    content_key, -- what the transcript was made of: the document, or the audio with model and parameters
    segments, -- how many rows segments has of it
    duration_s -- from the start of the audio to the end of the last segment
from lake.transcripts
order by day, episode_id
