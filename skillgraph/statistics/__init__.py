"""What judges samples: residuals, canonical mixing, collapse, shapes, ergodicity, sequences."""
