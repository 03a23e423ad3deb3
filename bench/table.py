"""The lines of the bench, as every_bench prints them."""


def line(what, figures, bound="", verdict="-"):
    print(f"{what:<58} {figures:<64} {bound:<22} {verdict}", flush=True)


def at_most(what, value, bound, unit, figures):
    """out: whether it is"""
    kept = value <= bound
    line(what, figures, f"<= {bound:g}{unit}", "pass" if kept else "FAIL")
    return kept


def at_least(what, value, bound, unit, figures):
    """out: whether it is"""
    kept = value >= bound
    line(what, figures, f">= {bound:g}{unit}", "pass" if kept else "FAIL")
    return kept


def seconds(value):
    for factor, unit in ((1, "s"), (1e3, "ms")):
        if value * factor >= 1:
            return f"{value * factor:.3g} {unit}"
    return f"{value * 1e6:.3g} us"
