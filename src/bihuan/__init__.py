"""Bihuan (闭环): closed-loop casework for city and county government."""
