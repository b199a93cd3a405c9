"""The last stages of a backbone, each with a map of its own, for networks that label pixels.

Such networks dilate the last stage of a ResNet, which then is as fine as the stage before it.
"""

from __future__ import annotations

from sameperson import config
from sameperson.models.backbones import with_weights
from sameperson.models.map_network import MapNetwork
from sameperson.models.multiscale import build_multiscale
from sameperson.models.osnet import OSNETS


def build_last_stages(backbone: config.Backbone, size: tuple[int, int]) -> MapNetwork:
    """Build the backbone that a recipe names; its `stages` are the last four, none finer than 1/4, of OSNet three.

    size: (H, W). Raises InputError as `backbones.build_backbone`.
    """
    if backbone.name in OSNETS:
        return build_multiscale(backbone, size)
    # Only now: timm takes seconds to import.
    from sameperson.models.timm_last_stages import TimmLastStages
    from sameperson.models.timm_map import build_timm, classifiers_of

    network = build_timm(backbone, size, TimmLastStages)
    return with_weights(backbone, network, classifiers_of(network.net), network.net)
