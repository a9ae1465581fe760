-- What was said. One row a sentence or turn. A view over the lake's files: it is the bulk, and is not copied.
select
    day, -- of the episode; name it in a condition, and the other days are passed over
    episode_id, -- joins episodes
    seq, -- 0, 1, 2... in the order it was said
    start_s, -- seconds from the start of the audio
    end_s, -- as start_s
    speaker, -- null where unknown
    text, -- the words
    timing, -- how far start_s can be trusted: exact, segment (within a second or so) or estimated
    word_starts -- the start of each word of text, as start_s; null where words are not timed
from lake.segments
