"""Addresses of randomness."""

from __future__ import annotations

import numpy as np
import pytest

from skillgraph.seeding import counter_key, generator

ADDRESSES = [(), (0,), (1,), ("0",), ("task", 0), ("task", 1), ("task", 0, 0), (2**32,), (0, 1), ("task0",), (1, 0)]


def test_every_address_has_its_own_numbers():
    first = {address: generator(5, *address).integers(0, 2**63) for address in ADDRESSES}
    assert len(set(first.values())) == len(ADDRESSES)
    assert generator(5, 0).integers(0, 2**63) != generator(5).integers(0, 2**63)


def test_numbers_at_an_address_do_not_change():
    assert generator(1, "simulate", 3).integers(0, 10**6, 4).tolist() == [452557, 116360, 663360, 45985]


def test_counter_key():
    key = counter_key(generator(1, "key"))
    assert key.shape == (2,)
    assert key.dtype == np.uint64


@pytest.mark.parametrize("address", [(-1,), ("task", -3)])
def test_negative_addresses_are_refused(address):
    with pytest.raises(ValueError, match="must be a non-negative integer"):
        generator(1, *address)
    with pytest.raises(ValueError, match="seed must be a non-negative integer, got -1"):
        generator(-1)
