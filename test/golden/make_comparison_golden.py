"""Expected values of src/common/stats/mcnemar.ts and wilson.ts, by statsmodels. Run: python make_comparison_golden.py > comparison.json

Written with statsmodels 0.15.0 and SciPy 1.17.1.
"""
import json
import sys

import scipy
import statsmodels
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint

PAIRS = [(0, 0), (0, 1), (1, 0), (0, 5), (0, 6), (3, 3), (3, 4), (2, 9), (10, 25), (25, 10), (60, 61), (121, 80), (0, 40), (700, 650), (2000, 2300), (51000, 50000)]
SHARES = [(0, 1), (1, 1), (0, 10), (1, 10), (5, 10), (9, 10), (10, 10), (3, 333), (81, 263), (598, 664), (50000, 100000)]

json.dump({
    'madeWith': f'statsmodels {statsmodels.__version__}, SciPy {scipy.__version__}',
    # The table's corners, on which both are right or both are wrong, have no say.
    'mcnemar': [{'onlyFirst': a, 'onlySecond': b, 'p': float(mcnemar([[7, a], [b, 11]], exact=True).pvalue)} for a, b in PAIRS],
    'wilson': [
        {'found': found, 'of': of, 'level': level, 'interval': [float(end) for end in proportion_confint(found, of, alpha=1 - level, method='wilson')]}
        for found, of in SHARES for level in (0.95, 0.99)
    ],
}, sys.stdout)
