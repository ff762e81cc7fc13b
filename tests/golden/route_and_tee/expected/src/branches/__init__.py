"""The pipeline branches, made from branches.flow."""
