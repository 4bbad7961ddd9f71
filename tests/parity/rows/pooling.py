"""Pooling, padding, resizing and pixels out of channels: functions, layers, and what they refuse."""

from parity.harness import table
from parity.inputs import bools, floats, given, ints

POOLS = """
    2; 3; (2, 3); [3, 2]; 2, 1; 3, 2; (3, 2), (2, 1); 3, 2, 1; (3, 2), 2, (1, 0); 3, 1, 1; 4, 3, 2
    kernel_size=2, stride=None; kernel_size=(3, 3), stride=[2, 3], padding=1; 3, ceil_mode=True; 2, ceil_mode=True
    3, 2, 1, ceil_mode=True; (2, 3), (3, 2), ceil_mode=True; 1; 3, stride=4, padding=1, ceil_mode=True
"""
MAX_POOLS = "2, dilation=2; 3, 1, 1, 2; (2, 3), 2, 1, (2, 1), True; 3, 2, padding=1, dilation=(1, 2), ceil_mode=True"
AVG_POOLS = """
    3, 2, 1, False, False; 3, 2, 1, True, True; 3, 2, 1, True, False; 2, divisor_override=3
    (3, 2), 2, (1, 1), ceil_mode=True, count_include_pad=False, divisor_override=-2
"""
LAYERS = """
    nn.MaxPool2d(2); nn.MaxPool2d(3, 2, 1); nn.MaxPool2d((3, 2), stride=(2, 1)); nn.MaxPool2d(2, ceil_mode=True)
    nn.MaxPool2d(2, dilation=2); nn.MaxPool2d(2, return_indices=True)
    nn.MaxPool2d(kernel_size=3, stride=1, padding=1); nn.AvgPool2d(2); nn.AvgPool2d(3, 2, 1)
    nn.AvgPool2d(3, 2, 1, count_include_pad=False); nn.AvgPool2d((2, 3), ceil_mode=True)
    nn.AvgPool2d(2, divisor_override=3); nn.AdaptiveAvgPool2d(1); nn.AdaptiveAvgPool2d((3, 2))
    nn.AdaptiveAvgPool2d((None, 2)); nn.AdaptiveMaxPool2d(2); nn.AdaptiveMaxPool2d((3, 4))
    nn.Upsample(scale_factor=2); nn.Upsample(size=(3, 9)); nn.Upsample(4); nn.Upsample(scale_factor=(1.5, 2))
    nn.Upsample(scale_factor=2, mode='bilinear'); nn.Upsample(scale_factor=2, mode='bilinear', align_corners=True)
    nn.ZeroPad2d(1); nn.ZeroPad2d((1, 0, 2, -1)); nn.ConstantPad2d(1, 3.5); nn.ConstantPad2d((1, 2, 0, 1), value=-1)
    nn.ReflectionPad2d(2); nn.ReflectionPad2d((1, 2, 0, 1)); nn.ReplicationPad2d(2)
    nn.ReplicationPad2d((3, 0, 0, 1)); nn.PixelShuffle(2); nn.PixelUnshuffle(downscale_factor=2)
"""
LAYERS_1D = """
    nn.MaxPool1d(2); nn.MaxPool1d(3, 2, 1, ceil_mode=True); nn.MaxPool1d(2, return_indices=True); nn.AvgPool1d(2)
    nn.AvgPool1d(3, stride=2, padding=1, count_include_pad=False); nn.AvgPool1d((3,), ceil_mode=True)
    nn.AdaptiveAvgPool1d(3); nn.AdaptiveMaxPool1d(2)
    nn.Upsample(scale_factor=3); nn.ZeroPad1d(2); nn.ConstantPad1d((1, 0), 2.5); nn.ReflectionPad1d(2)
    nn.ReplicationPad1d((0, 3)); nn.Upsample(size=5, mode='linear')
"""

CASES = [
    *table(
        "pooling",
        """
        F.max_pool2d(x, $how)
        F.max_pool2d(x, $how, return_indices=True)
        F.avg_pool2d(x, $how)
        """,
        how=POOLS,
        x=[floats(2, 3, 6, 7), floats(3, 7, 6)],
    ),
    *table(
        "pooling",
        """
        F.max_pool2d(x, $how)
        F.max_pool2d(x, $how, return_indices=True)
        """,
        how=MAX_POOLS,
        x=floats(2, 3, 7, 8),
    ),
    *table(
        "pooling", "F.avg_pool2d(x, $how)", how=AVG_POOLS, x=[floats(2, 3, 6, 7), floats(2, 1, 5, 5, dtype="float64")]
    ),
    *table(
        "pooling",
        """
        F.max_pool1d(x, $how)
        F.max_pool1d(x, $how, return_indices=True)
        F.avg_pool1d(x, $how)
        """,
        how="2; 3, 2; (3,), (1,), (1,); kernel_size=3, stride=2, padding=1, ceil_mode=True; 2, ceil_mode=True",
        x=[floats(2, 3, 9), floats(3, 8), floats(0, 3, 8)],
    ),
    *table(
        "pooling",
        """
        F.max_pool1d(x, 2, 1, 1, 2, True)
        F.max_pool1d(input=x, kernel_size=3, dilation=2)
        F.avg_pool1d(x, 3, 2, 1, False, False)
        F.avg_pool1d(input=x, kernel_size=3, stride=2, padding=1, ceil_mode=True, count_include_pad=False)
        """,
        x=floats(2, 3, 9),
    ),
    *table(
        "pooling",
        """
        F.adaptive_avg_pool2d(x, $size)
        F.adaptive_max_pool2d(x, $size)
        F.adaptive_avg_pool2d(input=x, output_size=$size)
        """,
        size="1; 3; (2, 4); (None, 3); [8, 5]; (1, 1); (6, 7)",
        x=[floats(2, 3, 6, 7), floats(3, 6, 7), floats(2, 2, 4, 5, dtype="float64")],
    ),
    *table(
        "pooling",
        """
        F.adaptive_avg_pool1d(x, $size)
        F.adaptive_max_pool1d(x, $size)
        """,
        size="1; 3; 7; 9; (4,)",
        x=[floats(2, 3, 7), floats(3, 7)],
    ),
    *table(  # equal elements, nan and infinity
        "pooling",
        """
        F.max_pool2d(x, 2, return_indices=True)
        F.max_pool2d(x, 2, 1, return_indices=True)
        F.max_pool2d(x, 3, 1, 1, return_indices=True)
        F.max_pool2d(x, 2, 1, 1, 2)
        F.adaptive_max_pool2d(x, 2)
        F.avg_pool2d(x, 2, 1)
        """,
        x=[
            given([[[0.0, 1, 1, 0], [1, 0, 0, 1], [2, 2, 2, 2], [2, 2, 2, 2]]]),
            given([[[0.0, float("nan"), 1, 0], [1, 0, 0, 1], [2, 2, float("nan"), 2], [2, 2, 2, 2]]]),
            given([[[-float("inf")] * 4] * 4]),
            given([[[float("inf"), 1, -float("inf"), 0], [1, float("inf"), 0, 1], [0, 0, 1, 1], [0, 1, 0, 1]]]),
        ],
    ),
    *table(
        "pooling",
        """
        F.max_pool2d(x, 2)
        F.max_pool2d(x, 3, 1, 1)
        F.max_pool2d(x, 2, return_indices=True)
        F.avg_pool2d(x, 3)
        F.avg_pool2d(x, 3, 2, 1, divisor_override=2)
        """,
        x=ints(2, 1, 5, 6, low=-9),
    ),
    *table(
        "pooling",
        """
        F.max_pool2d(x.transpose(2, 3), 2)
        F.avg_pool2d(x[:, :, ::2, 1:], 2)
        F.max_pool2d(x.permute(0, 3, 1, 2), 2)
        y = x * 1; z = F.max_pool2d(y, 1); z.add_(1); (y, z)
        """,
        x=floats(2, 3, 4, 5),
    ),
    # padding
    *table(
        "pooling",
        """
        F.pad(x, $how)
        F.pad(x, $how, value=2.5)
        F.pad(x, $how, "constant", -1)
        """,
        how="(1, 2); (0, 0); (-1, 1); (2, 0, 1, 3); [0, -1, -2, 1]; (1, 1, 0, 2, 3, 0); (0, 0, 0, 0, 1, 1); (-3, 0)",
        x=[floats(2, 3, 4), floats(1, 2, 3, 3)],
    ),
    *table(
        "pooling",
        "F.pad(x, (1, 2), value=$value)",
        value="0; 1; 3",
        x=[ints(2, 3), bools(2, 3), floats(3), floats(0, 2)],
    ),
    *table(
        "pooling",
        "F.pad(input=x, pad=(1, 2, 2, 1), mode='$mode')",
        mode="reflect; replicate; circular",
        x=floats(2, 3, 4, 5),
    ),
    *table(
        "pooling",
        """
        F.pad(x, (1, 2, 2, 1), "$mode")
        F.pad(x, (0, 1, 0, 0), "$mode")
        F.pad(x, (-1, 2, 1, -1), "$mode")
        F.pad(x[0], (2, 1), mode="$mode")
        """,
        mode="reflect; replicate; circular",
        x=[floats(3, 4, 5), floats(3, 4, 5, dtype="float64")],
    ),
    # another size
    *table(
        "pooling",
        """
        F.interpolate(x, scale_factor=2, mode="$mode")
        F.interpolate(x, scale_factor=(1.5, 3), mode="$mode")
        F.interpolate(x, size=(2, 9), mode="$mode")
        F.interpolate(x, 5, None, "$mode")
        F.interpolate(x, None, 0.5, "$mode")
        F.interpolate(x, scale_factor=1.7, mode="$mode", recompute_scale_factor=True)
        """,
        mode="nearest; bilinear; nearest-exact",
        x=[floats(2, 3, 4, 5), floats(1, 1, 6, 4, dtype="float64")],
    ),
    *table(
        "pooling",
        """
        F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=True)
        F.interpolate(x, size=(7, 1), mode="bilinear", align_corners=True)
        F.interpolate(x, size=3, mode="bilinear", align_corners=False)
        F.interpolate(x[0], scale_factor=2)
        F.interpolate(x[0], size=7, mode="linear")
        """,
        x=floats(2, 3, 4, 5),
    ),
    *table(
        "pooling",
        """
        F.pixel_shuffle(x, 2)
        F.pixel_shuffle(x[0], upscale_factor=2)
        F.pixel_unshuffle(x, 2)
        F.pixel_unshuffle(F.pixel_shuffle(x, 2), downscale_factor=2)
        """,
        x=floats(2, 8, 4, 6),
    ),
    # layers
    *table(
        "pooling",
        """
        $layer(x)
        $layer(x[0].unsqueeze(0).double())
        repr($layer)
        list($layer.state_dict())
        """,
        layer=LAYERS,
        x=floats(2, 4, 6, 4),
    ),
    *table(
        "pooling",
        """
        $layer(x)
        repr($layer)
        """,
        layer=LAYERS_1D,
        x=floats(2, 3, 7),
    ),
    *table(
        "pooling",
        """
        F.max_pool2d(x, 7)
        F.max_pool2d(x, 0)
        F.max_pool2d(x, 2, 0)
        F.max_pool2d(x, 2, -1)
        F.max_pool2d(x, 2, 1, 2)
        F.max_pool2d(x, 2, padding=-1)
        F.max_pool2d(x, (2, 2, 2))
        F.max_pool2d(x, "2")
        F.max_pool2d(x, 2.5)
        F.max_pool2d(x)
        F.max_pool2d(x[0, 0], 2)
        F.max_pool2d(x.unsqueeze(0), 2)
        F.max_pool2d(x, 2, dilation=0)
        F.max_pool2d(x[:, :0], 2)
        F.max_pool1d(x, 2)
        F.avg_pool2d(x, 7)
        F.avg_pool2d(x, 2, padding=2)
        F.avg_pool2d(x, 2, divisor_override=0)
        F.avg_pool2d(x[0, 0], 2)
        F.avg_pool1d(x, 2)
        F.adaptive_avg_pool2d(x, (1, 2, 3))
        F.adaptive_avg_pool2d(x[0, 0], 2)
        F.adaptive_avg_pool2d(x[0, 0], (2, 2))
        F.adaptive_avg_pool2d(x, -1)
        F.adaptive_avg_pool1d(x, 2)
        F.adaptive_max_pool2d(x[0, 0], 2)
        F.pad(x, (1,))
        F.pad(x, (1, 1, 1))
        F.pad(x, (1,) * 10)
        F.pad(x, (-4, -4))
        F.pad(x, (1, 1), "mirror")
        F.pad(x, (1, 1), "reflect")
        F.pad(x, (6, 6, 0, 0), "reflect")
        F.pad(x, (8, 0, 0, 0), "circular")
        F.pad(x[0, 0], (1, 1, 1, 1), "replicate")
        F.interpolate(x)
        F.interpolate(x, size=3, scale_factor=2)
        F.interpolate(x, size=(3, 3, 3))
        F.interpolate(x, scale_factor=(2,))
        F.interpolate(x, scale_factor=2, align_corners=True)
        F.interpolate(x, size=0)
        F.interpolate(x, size=3, mode="linear")
        F.interpolate(x[0], size=3, mode="bilinear")
        F.interpolate(x, size=3, mode="cubic")
        F.interpolate(x[0, 0], size=3)
        F.interpolate(x.long(), size=3, mode="bilinear")
        F.pixel_shuffle(x, 2)
        F.pixel_unshuffle(x, 4)
        F.pixel_shuffle(x[0, 0], 1)
        F.pixel_unshuffle(x[0, 0, 0], 1)
        nn.MaxPool2d()
        nn.MaxPool2d(7)(x)
        nn.MaxPool2d(2)(x[0, 0])
        nn.AvgPool2d(2, padding=2)(x)
        nn.AdaptiveAvgPool2d()
        nn.Upsample()(x)
        nn.ReflectionPad2d(6)(x)
        nn.ConstantPad2d(1)
        """,
        raises=True,
        x=floats(2, 3, 6, 6),
    ),
]
