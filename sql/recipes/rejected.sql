-- Why were insights rejected, how often, and what is the best one that was lost to each reason?
select
    regexp_replace(reject_reason, '".*"|[0-9]+', '…', 'g') as reason,
    count(*) as insights,
    round(100 * count(*) / sum(count(*)) over (), 1) as percent_of_rejected,
    min(day) as first_day,
    max(day) as last_day,
    arg_max(coalesce(claim, quote), coalesce(quality, 0)) as best_example
from insights
where status = 'rejected' and extractor is distinct from 'cut'
group by reason
order by insights desc, reason asc
