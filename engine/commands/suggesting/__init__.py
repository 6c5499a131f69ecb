"""Commands that let models suggest labels: a trained one, the coach, one that knows no examples."""
