"""Experiments: scenarios run many times with the same luck, and what their difference is.

Owns the plan of runs, where they run, and what is kept of each; the runs themselves are `retsim.simulate`.
"""
