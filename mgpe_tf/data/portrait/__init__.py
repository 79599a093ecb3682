"""Procedural portraits: what :mod:`mgpe_tf.data.synthetic` draws with."""
