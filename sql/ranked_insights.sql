-- The order of each day, with its reasons. One row an accepted insight; 0 to 1 for each component of the score.
select
    day, -- the day of the ranking
    insight_id, -- joins insights
    position, -- 1 is the best of the day
    score, -- the weighted mean of the components; the weights are the configuration's
    quality, -- how good it is by itself
    specificity, -- names, numbers, mechanisms
    novelty, -- how far it is from everything that was said on the days before
    interest, -- how near it is to the reader's interests; null where the reader names none
    why, -- the reasons in words
    episode_id, -- joins episodes
    feed_id, -- joins feeds
    insight_day, -- the day of its episode
    competed_day, -- the day it was ranked on; later than insight_day where it came after that day's seal
    picked_rank, -- its place in daily_top5; null where it was not picked
    duplicate_of -- the better-placed insight that says the same
from lake.ranked_insights
order by day, position
