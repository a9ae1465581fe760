-- The transcript of each episode, whoever made it. One row an episode; the words themselves are in segments.
select
    day, -- of the episode
    episode_id, -- joins episodes
    status, -- ok, deferred (tried again by the next run) or failed
    source, -- publisher, or asr (speech recognition)
    reason, -- why it is not ok
    language, -- spoken
    model, -- of speech recognition; null where the audio was not heard
    words, -- how many were said
    speech_s, -- seconds of the segments
    content_key, -- what the transcript was made of: the document, or the audio with model and parameters
    segments, -- how many rows segments has of it
    duration_s, -- from the start of the audio to the end of the last segment
    audio_s, -- length of the file that was heard; null where none was, as the next four
    voice_s, -- seconds in which somebody speaks, by a detector of voices
    coverage, -- the share of voice_s for which there is text: 1 is all of it
    cut_loops, -- words taken out because the model said them over and over
    cut_invented -- words taken out because nobody can have said them
from lake.transcripts
order by day, episode_id
