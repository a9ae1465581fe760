"""Insights that a careful reader wrote of the sample's talks, in his own words: what must not be refused.

A body changes the words, the order and the spelling of what was said, writes figures for words and words for figures,
says who holds an opinion, and leaves things out; it adds nothing.
"""

from typing import NamedTuple


class Honest(NamedTuple):
    """An insight; its quote is the sentence of the talk that starts with ``opening``, and so many more."""

    talk: str
    opening: str
    more: int
    claim: str
    body: str


PLUG, LATE, GRADING = "the-queue-for-the-plug.srt", "late-is-the-default.srt", "grading-the-machine.srt"
GRID, BOX, WATER = "the-grid-is-waiting-too.vtt", "the-box-and-the-corner.vtt", "where-the-water-goes.vtt"

HONEST = [
    Honest(
        PLUG, "People ask whether there is enough", 2,
        "A little flexibility frees room for 76 gigawatts of load",
        "Ingrid Solvay argues that grids are sized for their worst hour rather than for the year. Duke University "
        "estimated in 2025 that America could take on some 76 GW of new load if it gave up a quarter of a percent "
        "of its energy.",
    ),
    Honest(
        PLUG, "Power shortages get blamed", 2,
        "The queue, not the money, holds back new power",
        "Too few projects are not what keeps electricity short in the US: 2,600 gigawatts were waiting to be "
        "connected at the end of 2023, about twice all existing plants. Since speculative applicants drop out and "
        "force new studies, mending the queue matters as much as finance.",
    ),
    Honest(
        PLUG, "Chips get the headlines", 2,
        "Transformers hold up data centres longer than chips do",
        "Whoever ordered large transformers early decides when a data centre opens. They are made to order from "
        "special steel, can weigh hundreds of tons, and by 2024 buyers often waited 2 to 4 years for one, longer "
        "than for processors.",
    ),
    Honest(
        PLUG, "An idle server sounds free", 2,
        "An idle server still draws half its power",
        "Google's Luiz Barroso and Urs Holzle found in 2007 that an efficient server which does next to nothing "
        "uses about 50 % of its full power, while most were 10 to 50 percent busy. Packing work onto fewer "
        "machines and letting others sleep saves money.",
    ),
    Honest(
        PLUG, "Cooling a data centre without water", 2,
        "Dry cooling saves water at the price of electricity",
        "Leaving water out of a data centre's cooling is no free win, since fans and compressors must then work "
        "harder on hot afternoons. A litre that evaporates removes about two thirds of a kilowatt-hour of heat, so "
        "only dry regions should pay with power.",
    ),
    Honest(
        PLUG, "People read a low power usage", 2,
        "A better PUE can mean a higher bill",
        "Power usage effectiveness divides total power by that of the computers, so it punishes frugality. Ten "
        "megawatts of servers with two of cooling score 1.2; cut the servers to 8 and the score gets worse, 1.25, "
        "although the bill falls.",
    ),
    Honest(
        LATE, "Adding programmers to a late", 2,
        "More programmers make a late project later",
        "Fred Brooks warned in 1975 that new people slow a late project down, because the number of pairs that "
        "have to agree grows from ten among 5 people to forty-five among 10, and veterans stop working to teach. "
        "Cutting scope helps more.",
    ),
    Honest(
        LATE, "Teams assume that early and late", 1,
        "Ten honest one-day guesses add up to sixteen days",
        "Early and late tasks do not cancel out, because durations are lopsided: a day's work cannot take less "
        "than nothing but may take two weeks. The average lies 1.65 times above the median, and whoever adds up "
        "medians ends a week over.",
    ),
    Honest(
        LATE, "Asking people for a worst case", 2,
        "Imagining the worst case hardly cures optimism",
        "Students whom Roger Buehler's team asked in 1994 expected to need thirty-four days for a thesis, or "
        "forty-nine if everything went wrong. They took 55 on average, so even an imagined disaster is a poor "
        "margin of safety.",
    ),
    Honest(
        LATE, "Experts forecast a project", 2,
        "Ask how similar projects ended, not how yours is planned",
        "Detailed plans leave out the surprises nobody thought of. Of the 1,471 technology projects that Bent "
        "Flyvbjerg and Alexander Budzier looked at, 1 in 6 went 200 % over budget, which is why comparing with "
        "similar projects beats studying one's own.",
    ),
    Honest(
        LATE, "A slow team is usually told", 2,
        "Half the open tickets, half the wait",
        "By Little's law the time that a ticket takes is the open work divided by the finishing rate. A team that "
        "closes five a week with thirty open needs six weeks for each; if it allows only 15, every ticket is done "
        "within three.",
    ),
    Honest(
        LATE, "Big, rare software releases", 2,
        "Rare releases feel careful and hide the culprit",
        "If each of 50 changes has a two percent chance of breaking something, the release fails about 64 % of the "
        "time and leaves fifty suspects. Shipped one at a time the same bugs turn up, but each of them points at a "
        "single change.",
    ),
    Honest(
        GRADING, "A high benchmark score sounds", 2,
        "Benchmark scores may measure memory, not ability",
        "Exam questions that are posted online end up in training data, so a model may simply remember the "
        "answers. The authors of the GPT-3 paper admitted in 2020 that a filter had let overlaps through. Only "
        "questions written afterwards really count.",
    ),
    Honest(
        GRADING, "A secret test still misleads", 2,
        "Picking the best of a hundred models rewards luck",
        "Even a secret test misleads if it is used over and over. Among a hundred models that toss coins on 1,000 "
        "questions the best typically reaches 54 instead of the fifty percent it deserves; a winner has to prove "
        "itself on unseen questions.",
    ),
    Honest(
        GRADING, "Charles Goodhart warned in 1975", 2,
        "Models too cheat the measure they are steered by",
        "Goodhart's warning that a measure fails once people steer by it also holds for machines. Leo Gao's group "
        "showed in 2022 that a language model optimised for a learned reward gets better at first, then worse, "
        "although its reward still rises.",
    ),
    Honest(
        GRADING, "Rounding a model's numbers", 2,
        "A large model at 4 bits beats a small one at 16",
        "Coarse numbers are often the best bargain in machine learning: seventy billion parameters fit into 35 GB "
        "instead of 140. For a given amount of memory, Dettmers and Zettlemoyer found, the larger model with four "
        "bits mostly beats a smaller one.",
    ),
    Honest(
        GRADING, "People think a small model learns", 2,
        "Wrong answers teach a small model what it never saw",
        "In distillation a student copies the doubts of a large model, which say how answers resemble one another. "
        "A student of Geoffrey Hinton's team that had never been shown a three recognised 98.6 % of them once its "
        "bias was corrected.",
    ),
    Honest(
        GRADING, "Endless synthetic data sounds", 2,
        "Models fed on models forget the rare cases first",
        "Training on what earlier models wrote makes errors pile up, Ilia Shumailov and others reported in Nature "
        "in 2024: the tails vanish first, then all decays. Keeping human originals in the mix mostly prevents it, "
        "so archives gain value.",
    ),
    Honest(
        GRID, "A one-gigawatt data centre running", 2,
        "The peak hour, not the year, decides what is built",
        "Over a year a data centre of 1 GW needs some 8.8 terawatt hours, no more than 0.2 percent of the "
        "electricity used in the United States. What has to be built depends on its share of the one worst hour.",
    ),
    Honest(
        GRID, "America isn't short of power", 2,
        "America is short of permission to plug in",
        "Some 2,600 gigawatts stood in line for a connection when 2023 ended, says Priya Raman, roughly double of "
        "what was installed. Every project needs a study of what it does to its neighbours, and whoever drops out "
        "may start a new one.",
    ),
    Honest(
        GRID, "We imagine money speeds up", 2,
        "Order the transformer before the building",
        "Money buys no quick connection to the grid, because big transformers resemble ships more than appliances: "
        "made to order, up to 400 tons, with waits of two to four years for Americans in 2024. A data centre goes "
        "up faster than that.",
    ),
    Honest(
        GRID, "Data centres are treated as if", 2,
        "Pausing for 22 hours a year frees gigawatts",
        "Tyler Norris and his colleagues at Duke estimated in 2025 that the American grid has room for 76 more "
        "gigawatts if the new load can do without 0.25 % of its energy, some twenty-two hours at full power. Peaks "
        "are that short.",
    ),
    Honest(
        GRID, "A grid battery makes no energy", 2,
        "Each further grid battery helps a little less",
        "Most batteries on the grid last for about 4 hours. The first ones cut off a sharp evening peak, but what "
        "remains is longer and flatter, so every additional battery does less, and none gets a country through "
        "five cold days.",
    ),
    Honest(
        GRID, "Paying a wind farm to switch", 2,
        "Where new load stands matters more than how much",
        "Scottish wind farms are paid to stand still, and southern gas to run, when the lines to the south of "
        "Britain are full. New consumers north of the bottleneck would help, Jonas Feld explains; near London they "
        "would make things worse.",
    ),
    Honest(
        BOX, "People think sea freight got cheap", 2,
        "Freight got cheap on the quay, not at sea",
        "Loading loose cargo cost $5.86 a ton in 1956, against some sixteen cents on Malcom McLean's first "
        "container ship. It was not better ships that made freight cheap, but a crane that lifts a whole lorry "
        "load instead of single sacks.",
    ),
    Honest(
        BOX, "We credit the steel box", 2,
        "The container's real invention was an agreement",
        "Ruth Abara holds that a shared standard mattered more than the box. When McLean's firm gave away its "
        "patent on corner fittings in the '60s and ISO fixed lengths of 20 and 40 feet, investors dared to build "
        "ports and ships.",
    ),
    Honest(
        BOX, "In the simplest queueing model", 1,
        "A port that is 95 percent busy is no efficient port",
        "Waiting does not grow in step with use: at eighty percent it is four times as long as the service, at "
        "ninety-five percent 19 times in the simplest model. Spare berths only look like waste until a bad week "
        "comes.",
    ),
    Honest(
        WATER, "We picture water shortage", 1,
        "Farms, not showers, decide how much water is left",
        "About seventy percent of all fresh water that people take goes to farming and just 12 % to towns. Plants "
        "lose water whenever they take in carbon, so a country that runs dry should look at irrigation before it "
        "looks at showers.",
    ),
    Honest(
        WATER, "A burst pouring out", 1,
        "Quiet leaks lose more water than burst pipes",
        "A burst main that pours out ten thousand litres an hour makes the news and loses 240,000 in a day; a "
        "crack that leaks 500 an hour loses more than 4 million in a year. Listening for small leaks pays off.",
    ),
    Honest(
        WATER, "People dismiss desalination", 2,
        "Desalination can save cities but not wheat fields",
        "Reverse osmosis now takes only some 3 kWh for a cubic metre, so that a family's daily 500 litres need "
        "about as much as an old fridge. Growing one kilo of wheat that way would cost more than wheat is worth.",
    ),
]  # fmt: skip
