-- Which insights are related to one, in both directions: older ones, and newer ones that point back to it?
-- The first of the newest day; another insight: select '0123456789abcdef' as chosen_id
with chosen as (
    select arg_max(insight_id, (day, -rank)) as chosen_id
    from daily_top5
),

both_ways as (
    select
        related_insights.related_id as other_id,
        related_insights.similarity,
        related_insights.relation
    from related_insights
    inner join chosen on related_insights.insight_id = chosen.chosen_id
    union all
    select
        related_insights.insight_id as other_id,
        related_insights.similarity,
        related_insights.relation
    from related_insights
    inner join chosen on related_insights.related_id = chosen.chosen_id
)

select
    insights.day,
    insights.claim,
    insights.speaker,
    episodes.show,
    min(both_ways.relation) as relation, -- of two, agrees or contradicts before neither
    round(max(both_ways.similarity), 3) as similarity
from both_ways
inner join insights on both_ways.other_id = insights.insight_id
inner join episodes on insights.episode_id = episodes.episode_id
group by insights.insight_id, insights.day, insights.claim, insights.speaker, episodes.show
order by similarity desc, insights.day desc, insights.insight_id asc
limit 20
