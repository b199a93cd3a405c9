"""How the data sets are scored, by name: the name and the rules go with every number."""

from __future__ import annotations

from sameperson.checks import choose
from sameperson.evaluation.protocols.definition import Protocol

REPEATS = 10
"""How often a single-shot gallery is drawn: as often as the papers draw it."""
ZHENG = "Zheng et al. 2015, Scalable Person Re-identification: A Benchmark"
WEI = "Wei et al. 2018, Person Transfer GAN to Bridge Domain Gap for Person Re-Identification: Market-1501's rules"
LI = "Li et al. 2014, DeepReID, single-gallery-shot, counted as open-reid does (its CUHK03 mode)"
HO = "Ho, Shim and Wee 2020, Learning from Dances: the camera is the frame's number; CMC in open-reid's CUHK03 mode"
QIAN = "Qian et al. 2020, Long-Term Cloth-Changing Person Re-identification (LTCC)"
YANG = "Yang, Wu and Zheng 2019, Person Re-identification by Contour Sketch under Moderate Clothing Change (PRCC)"
GU = "PRCC's query and gallery, with the gallery whole as Gu et al. 2022 (Simple-CCReID) and most later work have it"
WAN = "Wan et al. 2020, When Person Re-identification Meets Changing Clothes (VC-Clothes)"
HUANG = (
    "Huang et al. 2019, Beyond Scalar Neuron (Celeb-reID); nobody says what the second number of its file names is, "
    "which loaders take for a camera, so it is used only where that does no harm"
)
GRAY = (
    "Gray, Brennan and Tao 2007, Evaluating Appearance Models for Recognition, Reacquisition, and Tracking (VIPeR); "
    "averaged over ten draws of the halves (readers viper-1 to viper-10), as torchreid does over its 20 splits"
)
YE = (
    "Ye et al. 2018, Hierarchical Discriminative Learning for Visible Thermal Person Re-Identification, on RegDB of "
    "Nguyen et al. 2017; averaged over ten splits (readers regdb-1 to regdb-10)"
)
WU = (
    "Wu et al. 2017, RGB-Infrared Cross-Modality Person Re-Identification (SYSU-MM01), and the authors' evaluation; "
    "galleries are drawn anew, since the authors' own draws are not among the pictures"
)
A, B, C = (0,), (1,), (2,)
"""PRCC's cameras: clothes are the same before A and B, and others before C. VIPeR's are A and B."""
VISIBLE, THERMAL = (0,), (1,)
"""RegDB's cameras."""
INFRARED, EVERYWHERE, INDOORS = (2, 5), (0, 1, 3, 4), (0, 1)
"""SYSU-MM01's cameras: those that ask, and those that are searched."""
ONE_ROOM = ((2, 1),)
"""SYSU-MM01's cameras 3 and 2 are in one room, so queries of the one skip the other."""
SYSU = {
    f"sysu_{where}_{shots}_shot": Protocol(
        f"sysu_{where}_{shots}_shot",
        False,
        query_cameras=INFRARED,
        gallery_cameras=cameras,
        single_shot="per_camera",
        drawn=drawn,
        skips=ONE_ROOM,
        repeats=REPEATS,
        source=WU,
        suits="SYSU-MM01",
    )
    for where, cameras in (("all", EVERYWHERE), ("indoor", INDOORS))
    for shots, drawn in (("single", 1), ("multi", 10))
}

PROTOCOLS: dict[str, Protocol] = {
    protocol.name: protocol
    for protocol in (
        Protocol("market1501", True, source=ZHENG),
        Protocol("camera_blind", False, not_itself=True, source="ours, for pictures whose cameras are unknown"),
        Protocol("same_clothes", True, "same", source=f"{QIAN}, there called SC", suits="any with clothes"),
        Protocol("cross_clothes", True, "other", source=f"{QIAN}, there called CC", suits="any with clothes"),
        Protocol("msmt17", True, source=WEI, suits="MSMT17"),
        Protocol(
            "cuhk03_single_shot",
            True,
            single_shot="per_query",
            separate_cameras=True,
            repeats=REPEATS,
            source=LI,
            suits="CUHK03",
        ),
        Protocol("prcc_same", False, query_cameras=B, gallery_cameras=A, source=GU, suits="PRCC"),
        Protocol("prcc_cross", False, query_cameras=C, gallery_cameras=A, source=GU, suits="PRCC"),
        Protocol(
            "prcc_same_single_shot",
            False,
            query_cameras=B,
            gallery_cameras=A,
            single_shot="shared",
            repeats=REPEATS,
            source=YANG,
            suits="PRCC",
        ),
        Protocol(
            "prcc_cross_single_shot",
            False,
            query_cameras=C,
            gallery_cameras=A,
            single_shot="shared",
            repeats=REPEATS,
            source=YANG,
            suits="PRCC",
        ),
        Protocol("ltcc_general", True, source=f"{QIAN}: Market-1501's rules", suits="LTCC"),
        Protocol("ltcc_cc", True, "other", source=QIAN, suits="LTCC"),
        Protocol("ltcc_sc", True, "same", source=QIAN, suits="LTCC"),
        Protocol("vc_clothes_all", True, source=WAN, suits="VC-Clothes"),
        Protocol("vc_clothes_sc", True, query_cameras=(1, 2), gallery_cameras=(1, 2), source=WAN, suits="VC-Clothes"),
        Protocol("vc_clothes_cc", True, query_cameras=(2, 3), gallery_cameras=(2, 3), source=WAN, suits="VC-Clothes"),
        Protocol(
            "celeb_reid",
            True,
            harmless_only=True,
            not_itself=True,
            camera="second number",
            source=HUANG,
            suits="Celeb-reID",
        ),
        Protocol(
            "dancereid",
            True,
            single_shot="per_query",
            separate_cameras=True,
            repeats=REPEATS,
            camera="frame number",
            source=HO,
            suits="DanceReID",
        ),
        *SYSU.values(),
        Protocol("viper_a_to_b", False, query_cameras=A, gallery_cameras=B, source=GRAY, suits="VIPeR"),
        Protocol("viper_b_to_a", False, query_cameras=B, gallery_cameras=A, source=GRAY, suits="VIPeR"),
        Protocol(
            "regdb_visible_to_thermal",
            False,
            query_cameras=VISIBLE,
            gallery_cameras=THERMAL,
            source=YE,
            suits="RegDB",
        ),
        Protocol(
            "regdb_thermal_to_visible",
            False,
            query_cameras=THERMAL,
            gallery_cameras=VISIBLE,
            source=YE,
            suits="RegDB",
        ),
    )
}
"""By name. Two that differ in nothing but their name are two people's habits of counting alike."""


def protocols_named(words: str) -> list[Protocol]:
    """Protocols from their names with commas between them; InputError names the nearest.

    >>> [protocol.name for protocol in protocols_named("prcc_same,prcc_cross")]
    ['prcc_same', 'prcc_cross']
    """
    names = list(dict.fromkeys(word.strip() for word in words.split(",")))
    return [choose("protocol", name, PROTOCOLS) for name in names]


def by_what_they_suit() -> dict[str, list[str]]:
    """What is scored -> the names of the protocols for it."""
    groups: dict[str, list[str]] = {}
    for protocol in PROTOCOLS.values():
        groups.setdefault(protocol.suits, []).append(protocol.name)
    return groups
