"""The SimPy side: clock and sync, firms and their programmes, newcomers, accounts."""
