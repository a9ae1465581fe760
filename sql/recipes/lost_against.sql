-- What did an insight lose against, component by component?
-- The best of the newest day that was not picked; another insight: select '0123456789abcdef' as chosen_id
with chosen as (
    select arg_max(insight_id, (day, -position)) as chosen_id
    from ranked_insights
    where picked_rank is null and lost_to is not null
),

pair as (
    select
        loser.day,
        loser.insight_id,
        loser.lost_to,
        loser.outcome,
        loser.gains as its_gains,
        winner.gains as gains_of_the_other
    from ranked_insights as loser
    inner join chosen on loser.insight_id = chosen.chosen_id
    left join ranked_insights as winner on loser.lost_to = winner.insight_id
),

its as (
    unpivot (
        select unnest(pair.its_gains)
        from pair
    )
    on columns(*) into name component value gain
),

other as (
    unpivot (
        select unnest(pair.gains_of_the_other)
        from pair
    )
    on columns(*) into name component value gain
)

select
    pair.day,
    lost.claim,
    pair.outcome,
    won.claim as lost_to,
    coalesce(its.component, other.component) as component,
    round(its.gain, 3) as gained,
    round(other.gain, 3) as gained_by_the_other,
    round(coalesce(its.gain, 0) - coalesce(other.gain, 0), 3) as difference
from its
full join other on its.component = other.component
cross join pair
left join insights as lost on pair.insight_id = lost.insight_id
left join insights as won on pair.lost_to = won.insight_id
order by difference, component
