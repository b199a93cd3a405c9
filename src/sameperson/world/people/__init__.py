"""Who a synthetic person is: body shape, skin and hair."""
