"""The pipeline late_report, made from late_report.flow."""
