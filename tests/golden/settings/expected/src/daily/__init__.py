"""The pipeline daily, made from daily.flow."""
