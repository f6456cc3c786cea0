"""pairterm beside its peers: the same client, the same tasks, one machine, one run, A B A B.

`python -m tests.bench.peers --help`. Figures and ratios, never a pass or fail.
"""
