"""A local Lightsail: a backend for moto, added from outside."""
