"""Speed beside the peers: ``python -m benchmarks`` runs every case and prints one table.

Imported by the workers of the peers' environments too, so nothing here may need more than numpy.
"""
