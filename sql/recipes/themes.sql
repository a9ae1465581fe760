-- Which themes come up each week, in how many shows, and which are on the rise?
with mentions as (
    select
        episode_id,
        insight_id,
        date_trunc('week', day)::date as monday,
        unnest(topics) as topic
    from insights
    where status = 'accepted'
),

themes as (
    select
        mentions.monday,
        mentions.topic,
        count(distinct mentions.insight_id) as insights,
        count(distinct episodes.feed_id) as shows
    from mentions
    inner join episodes on mentions.episode_id = episodes.episode_id
    group by mentions.monday, mentions.topic
)

select
    themes.monday,
    themes.topic,
    themes.insights,
    themes.shows,
    themes.insights - coalesce(earlier.insights, 0) as more_than_the_week_before
from themes
left join themes as earlier on themes.topic = earlier.topic and themes.monday = earlier.monday + 7
order by themes.monday desc, themes.insights desc, themes.shows desc, themes.topic asc
