-- Which insights of other episodes are nearest to the day's first pick by meaning?
-- Another day than the newest: select date '2026-01-31' as chosen_day
with chosen as (
    select max(day) as chosen_day
    from daily_top5
),

pick as (
    select
        best.insight_id,
        best.episode_id,
        vectors.model,
        vectors.vector
    from daily_top5 as best
    inner join chosen on best.day = chosen.chosen_day
    inner join vectors on best.insight_id = vectors.insight_id
    where best.rank = 1
),

near as (
    select
        vectors.insight_id,
        vectors.model,
        list_cosine_similarity(vectors.vector, pick.vector) as similarity
    from vectors
    inner join pick on vectors.model = pick.model
)

select
    insights.day,
    insights.claim,
    insights.body,
    insights.speaker,
    episodes.show,
    near.model,
    round(near.similarity::double, 3) as similarity
from near
inner join insights on near.insight_id = insights.insight_id
inner join episodes on insights.episode_id = episodes.episode_id
anti join pick on insights.episode_id = pick.episode_id
where insights.status = 'accepted'
order by near.model asc, near.similarity desc, insights.insight_id asc
limit 10
