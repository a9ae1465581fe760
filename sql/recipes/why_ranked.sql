-- Why did each insight of the day end up where it is?
-- Another day than the newest: select date '2026-01-31' as chosen_day
with chosen as (
    select max(day) as chosen_day
    from ranked_insights
)

select
    ranked.position,
    ranked.picked_rank,
    insights.claim,
    ranked.outcome,
    better.claim as lost_to,
    ranked.why,
    ranked.also_on,
    known.claim as most_like,
    episodes.show,
    round(ranked.score, 3) as score,
    round(ranked.worth, 3) as worth,
    round(ranked.novelty, 3) as novelty
from ranked_insights as ranked
inner join chosen on ranked.day = chosen.chosen_day
left join insights on ranked.insight_id = insights.insight_id
left join episodes on ranked.episode_id = episodes.episode_id
left join insights as better on ranked.lost_to = better.insight_id
left join insights as known on ranked.nearest_id = known.insight_id
order by ranked.position
