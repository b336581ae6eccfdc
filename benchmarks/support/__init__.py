"""What the benchmarks share: a stage with the product's own servers, a business on it, loads, limits and tables."""
