"""Reports: figures that somebody puts together, twelve ready ones, saved, taken out as files, and sent by a timetable.

docs/algorithms/reports.md has the rules. They lie beside exports: they use its walks, files and jobs, and the list of
reports goes out as any other.
"""
