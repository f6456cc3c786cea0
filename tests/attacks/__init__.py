"""Attacks on a running gateway, and what an honest guest of another session notices: `make attacks`.

Like the benches: figures, never a pass or fail by the clock. `registry` says what an
attack is, one module for each kind holds them, `stage` starts what is attacked,
`honest` measures. All traffic stays on loopback. Each attack is bounded in time and
in count, and stops by itself.
"""
