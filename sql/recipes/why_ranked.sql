-- Why did each insight of the day end up where it is?
-- Another day than the newest: select date '2026-01-31' as chosen_day
with chosen as (
    select max(day) as chosen_day
    from ranked_insights
),

ranking as (
    select
        ranked.insight_id,
        ranked.episode_id,
        ranked.duplicate_of,
        ranked.position,
        ranked.picked_rank,
        ranked.why,
        round(ranked.score, 3) as score,
        round(ranked.quality, 3) as quality,
        round(ranked.specificity, 3) as specificity,
        round(ranked.novelty, 3) as novelty,
        round(ranked.interest, 3) as interest
    from ranked_insights as ranked
    inner join chosen on ranked.day = chosen.chosen_day
)

select
    ranking.position,
    ranking.picked_rank,
    insights.claim,
    ranking.score,
    ranking.quality,
    ranking.specificity,
    ranking.novelty,
    ranking.interest,
    better.claim as same_as,
    episodes.show,
    ranking.why
from ranking
left join insights on ranking.insight_id = insights.insight_id
left join episodes on ranking.episode_id = episodes.episode_id
left join insights as better on ranking.duplicate_of = better.insight_id
order by ranking.position
