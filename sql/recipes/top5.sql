-- What are the best insights of the day?
-- Another day than the newest: select date '2026-01-31' as chosen_day
with chosen as (
    select max(day) as chosen_day
    from daily_top5
)

select
    best.rank,
    best.claim,
    best.body,
    best.quote,
    best.speaker,
    best.show,
    best.episode_title,
    best.audio_url,
    best.why
from daily_top5 as best
inner join chosen on best.day = chosen.chosen_day
order by best.rank
