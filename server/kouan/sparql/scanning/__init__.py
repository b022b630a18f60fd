"""TO GO"""
