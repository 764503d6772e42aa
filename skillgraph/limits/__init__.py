"""E(N, P, K): performance of data size, model size and training steps; limits, rates, Lipschitz numbers and laws."""
