"""The arguments of every command, by what the command is for. Imports nothing heavy: help is instant."""
