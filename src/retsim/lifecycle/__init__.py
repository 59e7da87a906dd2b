"""One customer's life: when something next happens to them, and what then.

`next_event` and `advance` are the only callers of the rules, and the only thing an engine calls. They read the market,
which is frozen between two syncs, and write one customer and one thread's counters: so order, threads and engine
cannot matter.

An occasion runs in this order:

 1. attachment and sunk stock fade to now (section 5);
 2. natural attrition, where it is tested before the payment (R1);
 3. the experience (R2), satisfaction and expectation (R3);
 4. attachment, or after a failure voice and recovery (R4, R6);
 5. the sunk stock grows (R5);
 6. the bill: spend (R12), coupon (R19), points and cash back (R14), cost of goods, cost to serve (R12), what is
    lost of it, further products (R13), all posted to the ledger; the firm has learned something of the customer (R11);
 7. natural attrition after the payment (R1);
 8. attention (R7); an open need may show (R13); and for those who think the forces (R8) and the choice (R9);
 9. the next occasion is set (R1).
"""

from retsim.lifecycle.advance import advance, advance_other
from retsim.lifecycle.occurring import Fate, Lived, paid, thought, undergone
from retsim.lifecycle.upcoming import next_event

__all__ = ["Fate", "Lived", "advance", "advance_other", "next_event", "paid", "thought", "undergone"]
