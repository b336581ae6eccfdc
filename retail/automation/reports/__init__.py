"""Reports: figures that somebody puts together, twelve ready ones, saved, taken out as files, and sent by a timetable.

docs/algorithms/reports.md has the rules. They lie beside exports, whose walks, files and jobs they use, and whose lists the
list of reports is one of.
"""
