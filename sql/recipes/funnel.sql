-- How far did the episodes of each day come: transcribed, mined for insights, picked?
with heard as (
    select
        day,
        count(*) as episodes
    from episodes
    group by day
),

written as (
    select
        day,
        count(*) filter (where status = 'ok') as transcribed
    from transcripts
    group by day
),

found as (
    select
        day,
        count(*) as found,
        count(*) filter (where status = 'accepted') as accepted
    from insights
    group by day
),

picked as (
    select
        day,
        count(*) as picked
    from daily_top5
    group by day
)

select
    heard.day,
    heard.episodes,
    coalesce(written.transcribed, 0) as transcribed,
    coalesce(found.found, 0) as insights_found,
    coalesce(found.accepted, 0) as insights_accepted,
    coalesce(picked.picked, 0) as picked
from heard
left join written on heard.day = written.day
left join found on heard.day = found.day
left join picked on heard.day = picked.day
order by heard.day desc
