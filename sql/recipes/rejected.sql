-- Why were insights rejected, how often, and what is the best one that was lost to each reason?
select
    reject_reason,
    count(*) as insights,
    round(100 * count(*) / sum(count(*)) over (), 1) as percent_of_rejected,
    min(day) as first_day,
    max(day) as last_day,
    arg_max(coalesce(claim, quote), coalesce(quality, 0)) as best_example
from insights
where status = 'rejected'
group by reject_reason
order by insights desc, reject_reason asc
