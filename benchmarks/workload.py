"""W1, the workload on which speed is compared: its numbers and the form of its answer.

Churn with repurchase, in months. A customer is born with a satisfaction, buys at the times of a Poisson
process of rate 1, learns from the quality of each purchase, piles up sunk costs, and may leave after each
purchase. Satisfied customers bring new ones. All numbers are *assumed*: they are chosen to exercise a
simulator, not to describe a market.

Every ``w1_*.py`` beside this file is the same workload in one tool and has the same function::

    run(n, seed, periods=PERIODS) -> dict of the arrays named in SERIES, each of length ``periods``

Period m is the half-open time [m, m + 1). What each array holds:

active      customers alive at the end of the period
churned     customers who left in the period
arrivals    customers who arrived in the period (the ``n`` of the start are not arrivals)
purchases   purchases in the period, one's last purchase included; this is the count of *events*
revenue     undiscounted revenue of the period's purchases
profit      margin less acquisition cost of the period, each discounted to time 0
satisfied   customers alive at the end of the period whose satisfaction exceeds SATISFIED

The arrival rate of period m is ARRIVAL_BASE x n + ARRIVAL_REFERRAL x (satisfied at its start), constant in
the period.
"""

SERIES = ("active", "churned", "arrivals", "purchases", "revenue", "profit", "satisfied")
PERIODS = 120

# Satisfaction s in 0..1: clip(Normal) at birth; each purchase moves it by GAIN x (quality - s).
INITIAL_MEAN = 0.60
INITIAL_SD = 0.10
QUALITY_MEAN = 0.62
QUALITY_SD = 0.20
GAIN = 0.30

# Sunk cost: decays at SUNK_DECAY a month, grows by SUNK_STEP a purchase.
SUNK_DECAY = 0.10
SUNK_STEP = 0.10

# Money: revenue = PRICE x (REVENUE_BASE + s); MARGIN of it is profit; DISCOUNT_RATE is per month.
PRICE = 30.0
REVENUE_BASE = 0.5
MARGIN = 0.40
DISCOUNT_RATE = 0.10 / 12
ACQUISITION_COST = 40.0

# Leaving after a purchase, log-odds: LEAVE_BASE + LEAVE_SATISFACTION x (s - SATISFACTION_CENTRE)
#   + LEAVE_TENURE x (1 - exp(-tenure / TENURE_SCALE)) + LEAVE_SUNK x sunk.
LEAVE_BASE = -2.20
LEAVE_SATISFACTION = -4.0
SATISFACTION_CENTRE = 0.5
LEAVE_TENURE = -1.0
TENURE_SCALE = 24.0
LEAVE_SUNK = -0.8

# Arrivals a month, for each initial customer and for each satisfied one.
ARRIVAL_BASE = 0.010
ARRIVAL_REFERRAL = 0.025
SATISFIED = 0.60
