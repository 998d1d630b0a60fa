"""What one can choose: estimators, retrievers, and the configuration of a comparison."""
