-- Who is quoted most, and what is the best thing each of them said?
-- By show as well as by name: "Host" is somebody else in every show. What was picked counts before what was not.
select
    insights.speaker,
    episodes.show,
    count(*) as insights,
    count(best.insight_id) as picks,
    arg_max(insights.claim, coalesce(1 + best.score, insights.quality, 0)) as best_claim
from insights
inner join episodes on insights.episode_id = episodes.episode_id
left join daily_top5 as best on insights.insight_id = best.insight_id
where insights.status = 'accepted' and insights.speaker is not null
group by insights.speaker, episodes.show
order by picks desc, insights desc, insights.speaker asc, episodes.show asc
limit 50
