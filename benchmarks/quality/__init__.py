"""Quality beside published figures: ``python -m benchmarks.quality mf --data FOLDER``."""
