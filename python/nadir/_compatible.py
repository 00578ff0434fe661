"""What differs between releases of scikit-learn, from 1.2 on."""
from sklearn.base import BaseEstimator

try:
    from sklearn.utils.validation import validate_data
except ImportError:  # before 1.6
    def validate_data(estimator, X, y="no_validation", **options):
        return estimator._validate_data(X, y, **options)


class Tagged(BaseEstimator):
    """An estimator that takes sparse data."""

    if hasattr(BaseEstimator, "__sklearn_tags__"):
        def __sklearn_tags__(self):
            tags = super().__sklearn_tags__()
            tags.input_tags.sparse = True
            return tags


class NonNegativeTarget:
    """An estimator of quantities that are not below 0. It trains on others, but cannot reach them."""

    if hasattr(BaseEstimator, "__sklearn_tags__"):
        def __sklearn_tags__(self):
            tags = super().__sklearn_tags__()
            tags.target_tags.positive_only = True
            return tags
    else:
        def _more_tags(self):
            return {"requires_positive_y": True}
