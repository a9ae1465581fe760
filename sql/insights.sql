-- Every insight that was found, also those that were rejected, and what was cut out (extractor: cut). One row each.
select
    day, -- of the episode
    insight_id, -- first 16 hex digits of SHA-256 of episode_id and the normalised quote
    episode_id, -- joins episodes
    claim, -- the idea in at most 12 words
    body, -- the idea in 30 to 60 words
    quote, -- the words as they were said
    quote_start_s, -- seconds from the start of the audio
    quote_end_s, -- as quote_start_s
    timing, -- how far quote_start_s can be trusted: exact, segment (within a second or so) or estimated
    speaker, -- who said it; null where unknown
    kind, -- what sort of insight it is
    topics, -- a list of what it is about
    extractor, -- what found it
    model, -- of a language model, where one found it
    prompt_version, -- as model
    status, -- accepted, or rejected (kept, so that one can see why; never ranked)
    reject_reason, -- why it was rejected
    quality, -- 0 to 1: the built-in method's score, or the mean of the four grades
    centrality, -- 0 to 1: how much of its episode turns around it (of the built-in method)
    specificity, -- 0 to 1: names, numbers, mechanisms
    cues, -- 0 to 1: the turns of phrase by which people mark a point (of the built-in method)
    grade_novelty, -- 0 to 3: is the idea new to a well-read person? By the judge, where a model is asked; so the next
    grade_specificity, -- 0 to 3: numbers, names, a mechanism
    grade_support, -- 0 to 3: does what was said bear it out?
    grade_use -- 0 to 3: could a listener act or think differently?
from lake.insight_candidates
order by day, episode_id, quote_start_s, insight_id
