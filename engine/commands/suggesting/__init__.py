"""Commands that let models suggest labels: a trained one, and the coach."""
