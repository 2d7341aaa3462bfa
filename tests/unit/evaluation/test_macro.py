"""What is measured of one class: scikit-learn on literally repeated items."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy
from sklearn.metrics import average_precision_score, roc_auc_score
from tartarus.evaluation import macro


@given(st.data())
def test_areas_of_samples_are_those_of_repeated_items(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 15))
    truth = data.draw(st_numpy.arrays(bool, count))
    scores = data.draw(st_numpy.arrays(np.float32, count, elements=st.integers(0, 4)))
    weights = data.draw(st_numpy.arrays(np.int64, (count, 3), elements=st.integers(0, 3)))
    found = macro.Areas(truth, scores).of(weights.astype(data.draw(st.sampled_from([np.float32, np.float64]))))
    for sample, counts in enumerate(weights.T):
        repeated, their_scores = np.repeat(truth, counts), np.repeat(scores, counts)
        if repeated.any() and not repeated.all():
            expected = [measure(repeated, their_scores) for measure in (roc_auc_score, average_precision_score)]
            np.testing.assert_allclose(found[:, sample], expected, rtol=1e-12)
        else:
            assert np.isnan(found[:, sample]).all()
