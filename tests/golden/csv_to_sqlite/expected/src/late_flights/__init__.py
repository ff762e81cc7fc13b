"""The pipeline late-flights, made from late-flights.flow."""
