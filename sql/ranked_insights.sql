-- The order of each day, with its reasons. One row an accepted insight; components from 0 to 1, null: does not apply.
select
    day, -- the day of the ranking
    insight_id, -- joins insights
    position, -- 1 is the best of the day
    score, -- the weighted mean of quality to novelty, and what the components after them add or take
    quality, -- how good it is by itself, by the built-in method
    originality, -- the judge's grade for novelty; this and the next two where a model is asked
    support, -- the judge's: does what was said bear it out?
    use, -- the judge's: could a listener act or think differently?
    specificity, -- names, numbers, mechanisms; the judge's grade, or the built-in method's
    novelty, -- from 1 to 0 as an earlier insight makes the same point; other shows of the 14 days before are left out
    interest, -- how near it is to the reader's interests: 0.5 neither here nor there; null where the reader names none
    corroboration, -- n / (n + 1) where n other shows make the same point on the day or in the 14 days before
    comparison, -- the chance to be preferred to another of the day's best, by a language model
    editors_choice, -- 1 where the show's own teaser or a soundbite of its feed has it
    novelty_published, -- as novelty, against what was shown in the 90 days before
    freshness, -- halves for every seven days that it came too late for its own day
    why, -- the reasons in words
    gains, -- what each component adds to the score: a struct; all together are the score
    worth, -- the score without corroboration, comparison and editors_choice: shown are those of at least 0.6
    also_on, -- how many other shows make the same point on the day or in the 14 days before
    outcome, -- picked, or why not
    lost_to, -- the insight it had to give way to
    duplicate_of, -- the insight that says the same, of the day or published before, and stands for it
    nearest_id, -- the earlier insight that novelty is measured against
    published_id, -- the same of those that were shown in the 90 days before
    episode_id, -- joins episodes
    feed_id, -- joins feeds
    insight_day, -- the day of its episode
    competed_day, -- the day it was ranked on; later than insight_day where it came after that day's seal
    picked_rank -- its place in daily_top5; null where it was not picked
from lake.ranked_insights
order by day, position
