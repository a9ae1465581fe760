-- What did an insight gain and lose on each component, beside what the day's insights mostly gain from it?
-- The first of the newest day; another insight: select '0123456789abcdef' as chosen_id
with chosen as (
    select arg_max(insight_id, (day, -position)) as chosen_id
    from ranked_insights
),

gained as (
    unpivot (
        select
            ranked.day,
            ranked.insight_id,
            unnest(ranked.gains) -- noqa: AL03
        from ranked_insights as ranked
        where
            ranked.day in (
                select field.day
                from ranked_insights as field
                inner join chosen on field.insight_id = chosen.chosen_id
            )
    )
    on columns(* exclude (day, insight_id)) into name component value gain
),

field as (
    select count(distinct gained.insight_id) as insights
    from gained
),

usual as (
    select
        gained.component,
        -- What few have is no part of a mean, but adds to a score or takes from it: mostly nothing.
        case when 2 * count(*) >= any_value(field.insights) then median(gained.gain) else 0 end as usual_gain
    from gained
    cross join field
    group by gained.component
)

select
    gained.component,
    round(gained.gain, 3) as gained,
    round(usual.usual_gain, 3) as usual_on_that_day,
    round(gained.gain - usual.usual_gain, 3) as better_by
from gained
inner join chosen on gained.insight_id = chosen.chosen_id
inner join usual on gained.component = usual.component
order by better_by desc, gained.component asc
