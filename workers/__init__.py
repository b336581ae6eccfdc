"""The worker process: relay, jobs, clock. Wiring only; what a job does is written in its feature."""
