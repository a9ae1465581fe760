"""Forty times an idea, the same idea as somebody else would say it, and another idea on the same topic.

Written for this project, as insights read; facts in them serve to be told apart, not to be believed. Of the first half the
threshold is chosen from which on two insights say the same; the second half measures it.
"""

from typing import Final, NamedTuple


class Point(NamedTuple):
    """Three texts: ``idea`` and ``again`` make the same point, ``other`` makes another one."""

    idea: str
    again: str
    other: str


POINTS: Final = [
    Point(
        "Heat pumps fail in old houses for one dull reason: the radiators are too small. Fit larger ones first, and the"
        " pump can run at 40 degrees, where it needs a third of the power.",
        "What ruins a heat pump in an old building is not the cold but undersized radiators. With bigger surfaces the "
        "water can stay at forty degrees and electricity use drops to a third.",
        "The grid, not the device, limits heat pumps. If every street in a town switched within five years, most local "
        "transformers would have to be replaced, and nobody has trained the electricians for that.",
    ),
    Point(
        "Most people think sleep debt is paid back at the weekend. Reaction times stay slow for a week after five short"
        " nights, however long you stay in bed on Sunday.",
        "You cannot catch up on lost sleep by lying in on Sunday. After a working week of short nights, tests show "
        "slower reactions for another seven days.",
        "Blue light from phones hardly delays sleep, a few minutes at most. What keeps people awake is the argument "
        "they read on it, because the body treats anger as a reason to be alert.",
    ),
    Point(
        "Hire for the slope, not the starting point. A candidate who learnt three trades in four years will pass a "
        "specialist within a year and keep going.",
        "When recruiting, rate of learning beats present skill: somebody who picked up several professions in a few "
        "years overtakes the expert in about twelve months.",
        "Unstructured interviews predict almost nothing about a hire. Give every candidate the same work sample and "
        "score it blind, and half of your favourites will change.",
    ),
    Point(
        "Chip export controls bought two years at most. China answered by pouring money into older machines and "
        "multiple patterning, and now makes seven nanometre parts that nobody expected before 2028.",
        "The ban on selling chips to China only delayed it briefly, Ines Falk says. Forced to use older tools with several "
        "exposures, its factories reached seven nanometres years ahead of forecasts.",
        "The scarce part of an AI chip is no longer the wafer but the memory stacked beside it. Three companies make "
        "it, all sold out through next year, and that sets the price of a GPU.",
    ),
    Point(
        "Rent control protects those who already have a flat and punishes those who look for one. Berlin's cap cut "
        "listings in half within a year.",
        "A ceiling on rents is a gift to sitting tenants paid for by newcomers: after Berlin introduced its limit, the "
        "number of apartments on offer fell by 50 per cent in twelve months.",
        "Housing gets cheap where permission to build is a right, not a favour. Tokyo decides zoning nationally, so no "
        "neighbour can stop a block of flats, and rents have stayed flat for twenty years.",
    ),
    Point(
        "Strength training does more for old age than walking. After seventy it is the loss of leg muscle that makes a "
        "fall likely, and squats twice a week bring it back in three months.",
        "If you are over seventy, lift weights rather than stroll. Weak legs cause falls, and two sessions of squats a "
        "week rebuild the muscle in about a quarter of a year.",
        "Protein at breakfast matters more than the daily total for older people. Their muscles ignore small doses, so "
        "thirty grams at once build something while the same amount in snacks does not.",
    ),
    Point(
        "Remote teams do not lack meetings, they lack writing. Companies that decide in documents let a colleague in "
        "another time zone object before it is too late.",
        "Distributed work succeeds when decisions are written down. A text can be challenged by someone eight hours "
        "away; a call that happened while they slept cannot.",
        "Working from home costs juniors most. They used to learn by overhearing seniors on the telephone, and no "
        "scheduled mentoring session replaces what one picks up by accident.",
    ),
    Point(
        "Antidepressants help severe depression and do little for mild forms. In trials with light symptoms the placebo"
        " does nearly as well, so exercise should come first there.",
        "For mild depression pills barely beat a placebo; only in serious cases is the benefit clear. Doctors should "
        "prescribe running before tablets when symptoms are slight.",
        "The chemical imbalance was a slogan, not a finding. Forty years of measuring serotonin in depressed patients "
        "found no shortage, yet the phrase sold the drugs because it took away the shame.",
    ),
    Point(
        "Nuclear plants are expensive because each one is a prototype. South Korea built the same reactor twelve times "
        "with the same crew and paid a fifth of the French price.",
        "What makes atomic power costly is never building a design twice. Koreans repeated one reactor a dozen times "
        "with one team and got it for twenty per cent of what France pays.",
        "Nuclear waste is a problem of trust, not of volume. All spent fuel of America fits on one football field, but "
        "since ministries lied about leaks in the seventies no county will take it.",
    ),
    Point(
        "A pre-mortem finds what a review hides. Ask the team to imagine that the project failed a year from now and to"
        " write down why; people who would never criticise the boss will name the cause.",
        "Before you start, pretend the project has already flopped and let everybody list reasons. Gary Klein's trick "
        "frees staff to voice doubts that they would not dare to raise as criticism.",
        "Projects are late because estimates leave out other projects. Count how long the last ten took from start to "
        "end, and take their median: this outside view beats any plan made from the inside.",
    ),
    Point(
        "Index funds have made markets lazier. When half of all shares are held by those who never look at a balance "
        "sheet, bad management goes unpunished for years.",
        "Passive investing dulls discipline: with fifty per cent of stock owned by trackers that read no accounts, poor"
        " bosses keep their jobs far longer.",
        "The fee is the only thing about a fund that predicts its return. Over fifteen years nine out of ten stock "
        "pickers lose to the index by roughly what they charge.",
    ),
    Point(
        "Penalties in football are lost in the walk from the halfway line. Players who hurry after the whistle miss "
        "more often, while those who take a breath of two seconds score nine out of ten.",
        "In a shoot-out, rushing costs goals. Geir Jordet measured that takers who pause for a couple of seconds after "
        "the referee's signal convert about 90 per cent, quick starters far fewer.",
        "Pressing high is a bet on the opponent's weakest passer. Good teams leave him free on purpose, wait for the "
        "ball to reach him, and then close all the lanes in four seconds.",
    ),
    Point(
        "Whales were saved by kerosene, not by conscience. When lamps burnt mineral oil, the price of whale oil "
        "collapsed and the fleets stayed in port.",
        "It was cheap petroleum for lamps rather than moral awakening that ended the slaughter of whales: demand for "
        "their oil vanished, so hunting no longer paid.",
        "Great whales are pumps that feed the sea. They eat at depth and leave iron near the surface, and where they "
        "returned the plankton bloomed and the krill grew instead of shrinking.",
    ),
    Point(
        "Children learn to read by sounding letters out, not by guessing from pictures. Mississippi switched to phonics"
        " and climbed from last to above the national average in nine years.",
        "Phonics works: after Mississippi made its schools teach the sounds of letters instead of guessing words by "
        "context, its pupils went from the bottom to above average in under a decade.",
        "Reading speed at ten depends on what a child knows about the world. Poor readers who love baseball understand "
        "a text on baseball better than good readers who never saw a game.",
    ),
    Point(
        "Juries trust confident witnesses, but confidence is made by the police. Each time an officer says 'good, you "
        "picked him', the memory hardens, and by the trial a guess has become a certainty.",
        "A witness grows sure because investigators approve of the choice. Praise after a line-up turns a vague guess "
        "into firm memory, and the court then mistakes that certainty for truth.",
        "Plea deals have replaced trials. Ninety-five per cent of convictions in America never see a jury, since the "
        "sentence for losing is so much longer that innocent people sign.",
    ),
    Point(
        "Salt the water, not the steak's surface at the last minute. Meat salted a day before keeps its juice, because "
        "the brine is drawn back in and loosens the protein.",
        "Season beef twenty-four hours ahead. The salty liquid that first comes out is absorbed again and relaxes the "
        "fibres, so it stays juicier than when you salt just before frying.",
        "Resting a steak does not keep the juice in. What matters is carry-over heat: pull it five degrees early, since"
        " the middle goes on cooking on the plate.",
    ),
    Point(
        "The moat of an AI company is not its model but its distribution. Anyone can rent an equal model in six months;"
        " nobody can rent the place where 400 million people already type.",
        "Models become commodities within half a year, says Ada Brandt, so what defends an AI business is reach: owning "
        "the box into which hundreds of millions of users write anyway.",
        "Inference, not training, will decide which AI companies live. Each answer costs money for as long as the "
        "customer stays, and most flat subscriptions lose on the tenth of users who ask all day.",
    ),
    Point(
        "Mark Tobler warns that a patent publishes your idea to every model that trains on it. Keep what matters as a "
        "trade secret, and let competitors guess.",
        "Filing patents now means teaching your rival's AI, since the text is public. Companies should rather keep "
        "their know-how secret, argues Tobler.",
        "Patent trolls thrive on the cost of defence. A suit costs two million dollars before a judge reads the claim, "
        "so paying fifty thousand to settle is sensible for each firm and ruinous for all.",
    ),
    Point(
        "Loneliness is a signal like hunger, not a defect of character. The brain lowers sleep and raises inflammation "
        "until company is found, which is why it kills as surely as smoking.",
        "Feeling lonely works like thirst: the body's alarm that something vital is missing. Left unanswered it "
        "disturbs sleep, inflames tissue and shortens life as much as cigarettes do.",
        "Friendships need about two hundred hours before they are close. Adults lose them because no institution gives "
        "them those hours any more, unlike school or the army.",
    ),
    Point(
        "Electric lorries will win on short routes first. A truck that returns to the depot each night needs no public "
        "charger, and fuel is a third of its cost.",
        "Battery trucks make sense where vehicles come home in the evening: they charge in their own yard, and since "
        "diesel is thirty per cent of expenses, the saving is large.",
        "Self-driving trucks will be limited to motorways between hubs. The last miles need a person to open gates, "
        "argue about the ramp and strap the load.",
    ),
    Point(
        "Founders should sell the product themselves until the tenth customer. A hired salesman brings contracts but "
        "not the reason why people hesitate, and that reason is what you build next.",
        "Do not recruit sales staff before you have closed ten deals in person. Only a founder hears why buyers hold "
        "back, and those objections are the roadmap.",
        "Raise prices until a fifth of prospects walk away. If nobody complains you are too cheap, and the customers "
        "who stay for the price are the ones who cost most in support.",
    ),
    Point(
        "Most churn is decided in the first week. Users who invite a colleague within seven days stay four times as "
        "long, so put the invitation before the settings.",
        "Whether customers leave is settled in the opening days: those who bring in a teammate during week one remain "
        "four times longer. Ask for that invite before anything else.",
        "Annual contracts hide churn. The customer has left in month three and tells you in month twelve, so watch "
        "logins, not renewals.",
    ),
    Point(
        "Coral can be bred for heat. Crossing survivors of the 2016 bleaching gave larvae that bear two degrees more, "
        "and their offspring keep the trait.",
        "Heat-resistant reefs are possible through breeding: the young of corals that lived through the great bleaching"
        " of 2016 tolerate two additional degrees and pass this on.",
        "Reefs die from the land before they die from the heat. Sewage and silt feed algae that smother coral, and "
        "islands that cleaned their rivers saw bleached reefs recover within five years.",
    ),
    Point(
        "Deadlines at universities teach procrastination. When students may choose their own dates, those who spread "
        "them evenly get better marks than those who put all at the end.",
        "Dan Ariely let students set due dates for their papers: the ones who spaced them across the term earned higher"
        " grades than those who left everything for the last day.",
        "Universities sell a signal more than knowledge. The last year of a degree raises wages as much as the first "
        "three together, which makes no sense if pay followed what was learnt.",
    ),
    Point(
        "Malaria nets fail when they are free but ugly. In Zambia, nets cut to fit square huts were used twice as often"
        " as the round ones that aid agencies had sent.",
        "People use mosquito nets that suit their homes. After aid groups replaced circular ones by rectangular nets in"
        " Zambian villages, use against malaria doubled.",
        "Gene drives could end malaria by making female mosquitoes sterile within a dozen generations. The open "
        "question is who may decide, for an insect crosses borders without asking.",
    ),
    Point(
        "Central banks fight expectations, not prices. When workers believe that inflation will pass, they ask for two "
        "per cent, and the belief makes itself true.",
        "Inflation lives in what people expect. If employees trust that it is temporary their wage demands stay low, "
        "which is why the credibility of a central bank matters more than its rate.",
        "The inflation of 2022 was a queue at the ports. Used cars and freight made up half of it, both fell by "
        "themselves, and raising rates mostly hit builders who had nothing to do with it.",
    ),
    Point(
        "Bees do not die of mobile phones, they starve. Fields of a single crop bloom for two weeks and leave a green "
        "desert for the rest of summer.",
        "Hunger is what kills bees. Monocultures flower for a fortnight, and after that there is nothing to eat for "
        "months in an entirely green landscape.",
        "The honey bee is livestock, and saving it harms the wild ones. A single hive gathers the pollen that would "
        "raise 100,000 solitary bees, so rooftop hives in cities are the wrong kind of help.",
    ),
    Point(
        "Jazz musicians make a mistake right by repeating it. Herbie Hancock hit a wrong chord, Miles Davis played "
        "notes that made it fit, and the lesson was that nothing is wrong until you stop.",
        "An error in improvisation becomes music if you build on it: when Hancock struck a false chord, Davis answered "
        "with a phrase that turned it into the right one.",
        "Streaming has shortened the introduction of songs from twenty seconds to five. A play counts after thirty, so "
        "the chorus moved to the front and the bridge has all but gone.",
    ),
    Point(
        "Memory is rebuilt each time it is recalled. Tell a story of your childhood often enough and you remember the "
        "telling, not the event.",
        "Every act of remembering rewrites the memory, so what you retell most is what you know least: you recall your "
        "last version of it rather than what happened.",
        "Testing yourself fixes facts better than reading them again. Students who closed the book after one reading "
        "and wrote down what they knew remembered half as much again a week later.",
    ),
    Point(
        "Bridges rust from below, where nobody looks. Salt water drips through the joints onto the bearings, and "
        "replacing a joint for ten thousand dollars saves a girder for a million.",
        "The underside is where bridges rot: brine leaks through expansion joints and eats the supports. A cheap new "
        "seal every few years prevents repairs a hundred times as dear.",
        "Suspension bridges are designed for the wind, not for the load. After Tacoma every deck is tested as a wing, "
        "and slots between the lanes let the gusts pass.",
    ),
    Point(
        "Open offices reduce talk. When two firms took down their walls, conversation face to face fell by seventy per "
        "cent and messages on the screen rose.",
        "Removing partitions makes colleagues speak less, not more: sensors at two companies showed seventy per cent "
        "fewer personal conversations and a flood of e-mail instead.",
        "The temperature of an office is set for a man in a suit of 1960. Women type faster and make fewer mistakes at "
        "25 degrees, so cooling costs both power and work.",
    ),
    Point(
        "Vaccines against measles protect from other diseases too. The virus wipes out the memory of the immune system,"
        " so a child that caught it falls ill with everything else for three years.",
        "Measles erases what immunity has learnt, leaving children open to other infections for years. That is why the "
        "jab cuts deaths from illnesses it was never aimed at.",
        "Measles comes back first where trust went, not where clinics are missing. In rich districts of California a "
        "single school with eighty per cent vaccinated was enough for an outbreak.",
    ),
    Point(
        "Rust prevents the bugs that cost most. Google found that two thirds of severe holes in Android were errors of "
        "memory, and writing only new code in Rust brought them below a quarter.",
        "Memory errors caused roughly 66 per cent of Android's worst vulnerabilities. Since fresh parts are written in "
        "Rust, their share has dropped under 25, without rewriting anything old.",
        "Rewrites fail because the old code knows things that nobody wrote down. Each odd condition is a customer's bug"
        " from 2009, and the new version meets all of them again in production.",
    ),
    Point(
        "Parking rules shape cities more than zoning does. Two places for each flat add a quarter to its price and push"
        " houses so far apart that nobody can walk.",
        "Compulsory car parks make towns unwalkable: demanding two spaces an apartment raises its cost by 25 per cent "
        "and spreads buildings out until everyone has to drive.",
        "Trams bring more riders than buses on the same route at the same speed. Rails in the street promise that the "
        "line will be there in twenty years, so shops and flats follow.",
    ),
    Point(
        "Anger in politics is a product. Posts that insult the other side are shared twice as often, so a platform that"
        " ranks by sharing pays people to be cruel.",
        "Social networks reward insults: attacks on opponents spread at double the rate, and ranking by shares "
        "therefore hands the loudest haters an income.",
        "Voters hardly change their minds in a campaign; they change whether they turn up. Canvassers at the door add "
        "eight points of turnout, while a million in advertisements moves nothing measurable.",
    ),
    Point(
        "Fasting works because it is simple, not because of the clock. In studies with equal calories those who ate in "
        "eight hours lost as much weight as those who ate all day.",
        "Intermittent fasting has no magic window. When total calories match, eating from noon to eight brings the same"
        " loss as spreading meals over the day; it is just an easier rule.",
        "Obesity drugs act on wanting, not on the stomach. Patients on semaglutide drink less and bite their nails "
        "less, which tells us that the appetite for food shares its circuit with every other craving.",
    ),
    Point(
        "Feedback is heard when it is small and at once. Pilots are debriefed within the hour; managers save it up for "
        "December, when nobody can recall what it was about.",
        "Comments on work should come immediately and in little doses, as after a flight. A yearly appraisal arrives "
        "when all details are forgotten and so changes nothing.",
        "The sandwich of praise, blame and praise teaches people to fear praise. After the third one they wait for the "
        "'but' and hear nothing of what went well.",
    ),
    Point(
        "Space has become cheap because rockets land. SpaceX flies one booster twenty times, and the price of a "
        "kilogram to orbit fell from fifty thousand dollars to under three.",
        "Reuse is what made launching affordable: a first stage that returns and flies a score of times has cut the "
        "cost of orbit from 50,000 to less than 3,000 dollars a kilo.",
        "The real danger in orbit is debris, not crowding. One collision at 800 kilometres leaves fragments for "
        "centuries, and the company that causes it pays none of the others.",
    ),
    Point(
        "Good negotiators ask twice as many questions. Neil Rackham timed them: the best spent a fifth of the talk "
        "asking, the average less than a tenth.",
        "Rackham's recordings show that top negotiators devote about twenty per cent of the conversation to questions, "
        "double the share of ordinary ones. Curiosity beats argument.",
        "Make the first offer if you know the market. The number that is said first drags the result towards itself, "
        "even when both sides know that it was plucked from the air.",
    ),
    Point(
        "Forests regrow by themselves if goats are kept out. In Niger farmers stopped clearing the shoots of old roots,"
        " and two hundred million trees came back without one being planted.",
        "Niger gained 200 million trees by doing nothing but protecting sprouts from grazing and the hoe. The roots "
        "were still alive underground, so no planting was needed.",
        "Planting campaigns count seedlings, not trees. Five years after Turkey put eleven million in the ground in a "
        "day, nine out of ten were dead, for nobody had been paid to water them.",
    ),
]
