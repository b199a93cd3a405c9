import numpy as np

from sameperson.world.render.labels import PALETTE, Label, to_lip


def test_the_first_twenty_are_lips():
    assert [Label.HAT, Label.HAIR, Label.UPPER, Label.DRESS, Label.COAT, Label.TROUSERS] == [1, 2, 5, 6, 7, 9]
    assert [Label.SCARF, Label.SKIRT, Label.FACE] == [11, 12, 13]
    assert [Label.LEFT_ARM, Label.RIGHT_ARM, Label.LEFT_LEG, Label.RIGHT_LEG] == [14, 15, 16, 17]
    assert [Label.LEFT_SHOE, Label.RIGHT_SHOE] == [18, 19]


def test_on_disk_only_lips_classes_remain():
    every = np.array([list(Label)], np.uint8)
    lip = to_lip(every)
    np.testing.assert_array_equal(lip[0, :20], np.arange(20))
    assert lip[0, Label.BAG] == lip[0, Label.OCCLUDER] == 0 and lip[0, Label.TORSO_SKIN] == Label.FACE


def test_every_class_has_its_own_colour():
    assert PALETTE.shape == (len(Label), 3) and len({tuple(colour) for colour in PALETTE}) == len(Label)
