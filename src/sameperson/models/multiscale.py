"""Multi-scale backbones: all stages of a network merged into one fine map of a quarter of the picture's size.

ISP needs such a map (Zhu et al. 2020, section 3.3). Parameters have the same names as in the plain backbone
(`backbones.py`), so that weights of a baseline load here and the other way round.
"""

from __future__ import annotations

from torch import Tensor

from sameperson import config
from sameperson.models.backbones import with_weights
from sameperson.models.map_network import MapNetwork
from sameperson.models.multiscale_fusion import cells_of, merge
from sameperson.models.osnet import HEADS, OSNETS, OSNetMap, Variant, require_room


def build_multiscale(backbone: config.Backbone, size: tuple[int, int] = (256, 128)) -> MapNetwork:
    """Build the backbone that a recipe names, with one map of a quarter of the picture.

    HRNet gives its branches as they are (1920 channels for W32). Any other network gives the last map of each of its
    resolutions from a quarter of the picture on.

    `weights` and `last_stride` are as `backbones.build_backbone` takes them.

    Raises InputError as `backbones.build_backbone`.
    """
    if backbone.name in OSNETS:
        require_room(backbone.name, size)
        return with_weights(backbone, OSNetStages(OSNETS[backbone.name]), HEADS)
    # Only now: timm takes seconds to import.
    from sameperson.models.timm_map import build_timm, classifiers_of
    from sameperson.models.timm_stages import UNUSED, TimmStages

    network = build_timm(backbone, size, TimmStages)
    return with_weights(backbone, network, (*classifiers_of(network.net), *UNUSED), network.net)


class OSNetStages(OSNetMap):
    """OSNet with its three stages, at 1/4, 1/8 and 1/16 of the picture, merged into one map."""

    def __init__(self, variant: Variant) -> None:
        super().__init__(variant)
        self._coarsest = self.channels
        self.channels = sum(variant.channels[1:])

    def forward(self, images: Tensor) -> Tensor:
        """Merge the three stages.

        images: (B, 3, H, W) float32, normalised -> (B, channels, ceil(H / 4), ceil(W / 4)).
        """
        return merge(self.stages(images), cells_of(*images.shape[2:]))

    def stages(self, images: Tensor) -> list[Tensor]:
        """Compute the maps of the three stages.

        images: (B, 3, H, W) float32, normalised -> maps at 1/4, 1/8 and 1/16 of the picture.
        """
        # A stage holds two blocks, and in all but the AIN variants also the transition to the next stage.
        fine = self.conv2[:2](self.maxpool(self.conv1(images)))
        middle = self.conv3[:2](self.pool2(self.conv2[2:](fine)))
        coarse = self.conv5(self.conv4(self.pool3(self.conv3[2:](middle))))
        return [fine, middle, coarse]
