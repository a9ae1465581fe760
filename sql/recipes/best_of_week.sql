-- What were the ten best insights of the last seven days?
-- Other days than the seven up to the newest one: select date '2026-01-31' as last_day
with chosen as (
    select max(day) as last_day
    from daily_top5
)

select
    best.day,
    best.rank,
    best.score,
    best.claim,
    best.speaker,
    best.show,
    best.audio_url
from daily_top5 as best
inner join chosen on best.day between chosen.last_day - 6 and chosen.last_day
order by best.score desc, best.day desc, best.rank asc
limit 10
