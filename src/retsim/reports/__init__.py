"""Reports: a study as one page that a manager can read, print and pass on.

Owns what is said and in which order; refuses to work anything out (`experiments`) and to draw (`plots`). The page is
one HTML file: pictures are inside, nothing is loaded, and no text of a scenario can become a part of its code.
"""

from retsim.reports.writing import ReportOptions, report

__all__ = ["ReportOptions", "report"]
