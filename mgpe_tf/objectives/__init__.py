"""Objectives: the networks of a task and its losses, on any Keras backend; see ``objective.Objective``."""
