"""Closed forms: what is known exactly, without simulating anybody.

With its mechanisms switched off the simulation *is* one of these models and must agree with it; with them on,
the difference from these models is the finding. One model a module, called as
``retsim.theory.<module>.<function>``:

================== ===================================================================================
clv                value of one customer at a constant retention rate, in every convention in print
migration          value of one customer who moves between recency states (Markov)
sbg                contractual base whose churn rates differ between customers (shifted beta-geometric)
bgnbd, paretonbd   non-contractual purchases with silent departure
gammagamma         money spent per purchase
response_curve     who responds to money spent on them; chances and hazards
blattberg_deighton what winning and keeping cost, and how much of each is best
base               size of a customer base, mean life, the leaky funnel
contract           quitting before a contract ends, and the spike when it does
bass               diffusion of a first purchase
logit              choice shares, inertia, switching cost
lockin             prices where buyers are held fast
satisfaction       the running judgement and who leaves although satisfied
decay              how fast a payment stops to count
points             points outstanding, redeemed, lost
queue              waiting at a service desk (Erlang C)
recovery           what saving an angry customer may cost
opportunity        what a choice costs in forgone alternatives
================== ===================================================================================

Arguments that may be arrays broadcast as in numpy; scalars in give a float out. Wrong input raises
``ValueError`` that names the place, the value and the rule.
"""

from retsim.theory import (
    base,
    bass,
    bgnbd,
    blattberg_deighton,
    clv,
    contract,
    decay,
    gammagamma,
    lockin,
    logit,
    migration,
    opportunity,
    paretonbd,
    points,
    queue,
    recovery,
    response_curve,
    satisfaction,
    sbg,
)

__all__ = [
    "base",
    "bass",
    "bgnbd",
    "blattberg_deighton",
    "clv",
    "contract",
    "decay",
    "gammagamma",
    "lockin",
    "logit",
    "migration",
    "opportunity",
    "paretonbd",
    "points",
    "queue",
    "recovery",
    "response_curve",
    "satisfaction",
    "sbg",
]
