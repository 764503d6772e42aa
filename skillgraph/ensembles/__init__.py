"""What is random: degree laws, popularity, ensembles; laws describe and compute nothing else."""
