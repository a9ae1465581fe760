-- What the reader gets: the best insights of each day. One row an insight; fewer than five where no more deserve it.
select
    day, -- of the digest
    rank, -- 1 is the best
    insight_id, -- joins insights and ranked_insights
    episode_id, -- joins episodes
    "show", -- where it was said
    episode_title, -- as show
    claim, -- the idea in at most 12 words
    body, -- the idea in 30 to 60 words
    quote, -- the words as they were said
    quote_start_s, -- seconds from the start of the audio
    speaker, -- who said it; null where unknown
    audio_url, -- opens the audio at the quote (ends in #t=seconds)
    score, -- as in ranked_insights
    why, -- the reasons for its place
    also_on -- how many other shows make the same point on the day or in the 14 days before
from lake.daily_top5
order by day, rank
