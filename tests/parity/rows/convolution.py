"""Convolution, its transpose, and unfold: functions, layers, and what they refuse."""

from dataclasses import replace

from parity.harness import table
from parity.inputs import floats, given, ints

LAYERS = """
    nn.Conv2d(4, 6, 3); nn.Conv2d(4, 6, kernel_size=3, padding=1); nn.Conv2d(4, 6, (3, 2), stride=2)
    nn.Conv2d(4, 6, 1); nn.Conv2d(4, 6, 3, 1, 1, 2, 2, False); nn.Conv2d(4, 6, 3, padding='same')
    nn.Conv2d(4, 4, 3, groups=4, bias=False); nn.Conv2d(4, 6, 4, padding='same', dilation=2)
    nn.Conv2d(4, 6, 3, padding='valid'); nn.Conv2d(4, 6, 3, padding=(2, 0))
    nn.Conv2d(4, 6, 3, padding=1, padding_mode='reflect'); nn.Conv2d(4, 6, 3, padding=2, padding_mode='replicate')
    nn.Conv2d(4, 6, 3, padding=(1, 2), padding_mode='circular')
    nn.Conv2d(4, 6, 4, padding='same', padding_mode='circular'); nn.ConvTranspose2d(4, 6, 3)
    nn.ConvTranspose2d(4, 6, 2, stride=2); nn.ConvTranspose2d(4, 6, 3, 2, 1, 1)
    nn.ConvTranspose2d(4, 6, (3, 2), stride=(2, 3), output_padding=(1, 2), groups=2, dilation=2, bias=False)
"""
LAYERS_1D = """
    nn.Conv1d(4, 6, 3); nn.Conv1d(4, 6, 3, stride=2, padding=1, dilation=2, groups=2)
    nn.Conv1d(4, 6, 2, padding='same'); nn.Conv1d(4, 6, 3, padding=1, padding_mode='circular', bias=False)
    nn.ConvTranspose1d(4, 6, 3)
    nn.ConvTranspose1d(4, 6, kernel_size=4, stride=2, padding=1, output_padding=1, groups=2)
"""
SETTINGS = """
    stride=1; stride=2; stride=(1, 2); stride=[2, 1]; padding=1; padding=(0, 2); padding='same'; padding='valid'
    dilation=2; stride=2, padding=2, dilation=(2, 1); padding='same', dilation=2; stride=3, padding=1
"""
SPREAD = """
    stride=1; stride=2; stride=(1, 2); padding=1; padding=(0, 1); dilation=2; stride=2, output_padding=1
    stride=2, padding=1, output_padding=(0, 1); dilation=(1, 2), output_padding=(0, 1)
    stride=3, padding=1, dilation=2
"""

CASES = [
    *table(
        "convolution",
        """
        F.conv2d(x, w, b, $how)
        F.conv2d(x, w, $how)
        F.conv2d(x.detach(), w, b, $how)
        F.conv2d(x, w.detach(), $how)
        """,
        how=SETTINGS,
        x=[floats(2, 3, 6, 7), floats(3, 6, 7)],
        w=floats(4, 3, 3, 2),
        b=floats(4),
    ),
    *table(
        "convolution",
        """
        F.conv2d(x, w, b, 1, 1, 1, 2)
        F.conv2d(x, w, bias=None, groups=2, stride=2)
        F.conv2d(input=x, weight=w, bias=b, stride=(2, 1), padding="valid", dilation=(1, 2), groups=2)
        """,
        x=[floats(2, 4, 5, 6), floats(0, 4, 5, 6), floats(4, 5, 6)],
        w=floats(6, 2, 3, 3),
        b=floats(6),
    ),
    *table(
        "convolution",
        """
        F.conv2d(x, w, groups=4)
        F.conv2d(x, w, padding=1, stride=2, groups=4)
        F.conv_transpose2d(x, w, groups=4)
        """,
        x=floats(2, 4, 5, 6),
        w=floats(4, 1, 3, 3),
    ),
    *table(
        "convolution",
        """
        F.conv1d(x, w, b)
        F.conv1d(x, w, b, 2, 1, 2)
        F.conv1d(x, w, stride=(2,), padding=(3,), dilation=(1,))
        F.conv1d(x, w, b, padding="same")
        F.conv1d(input=x, weight=w, bias=b, padding="same", dilation=3)
        F.conv_transpose1d(x, w.transpose(0, 1), b)
        F.conv_transpose1d(x, w.transpose(0, 1), b, 2, 1, 1, 1, 2)
        F.conv_transpose1d(input=x, weight=w.transpose(0, 1), bias=b, stride=3, padding=(1,), output_padding=2)
        """,
        x=[floats(2, 3, 9), floats(3, 9), floats(0, 3, 9)],
        w=floats(4, 3, 2),
        b=floats(4),
    ),
    *table(
        "convolution",
        """
        F.conv_transpose2d(x, w, b, $how)
        F.conv_transpose2d(x, w, $how)
        F.conv_transpose2d(x, w, groups=3, $how)
        """,
        how=SPREAD,
        x=[floats(2, 3, 4, 5), floats(3, 4, 5)],
        w=floats(3, 2, 3, 2),
        b=floats(2),
    ),
    *table(
        "convolution",
        """
        F.conv2d(x, w, b, padding=1)
        F.conv_transpose2d(x, w, stride=2)
        F.unfold(x, 2)
        """,
        x=floats(2, 3, 4, 5, dtype="float64"),
        w=floats(3, 3, 3, 3, dtype="float64"),
        b=floats(3, dtype="float64"),
    ),
    *table(
        "convolution",
        """
        F.conv2d(x, w, padding=1)
        F.conv1d(x.flatten(2), w[0])
        """,
        x=ints(2, 3, 4, 5),
        w=ints(3, 3, 3, 3),
    ),
    *table(
        "convolution",
        """
        F.unfold(x, $how)
        F.unfold(x[0], $how)
        F.unfold(x, kernel_size=(2, 3), dilation=(2, 1), padding=(1, 0), stride=(1, 2))
        """,
        how=["2", "3, padding=1", "(2, 3), stride=2", "2, 2, 1, 1", "2, dilation=2, stride=(2, 1)"],
        x=floats(2, 3, 5, 6),
    ),
    *table(
        "convolution",
        """
        F.conv2d(x.transpose(2, 3), w.transpose(2, 3), padding=1)
        F.conv2d(x[:, ::2], w[::2, ::2])
        F.conv2d(x.permute(0, 3, 1, 2).contiguous(), w.repeat(1, 2, 1, 1)[:, :5])
        F.conv2d(x.permute(0, 3, 1, 2), w.repeat(1, 2, 1, 1)[:, :5])
        F.conv_transpose2d(x.transpose(2, 3), w, padding=1)
        """,
        x=floats(2, 3, 4, 5),
        w=floats(3, 3, 2, 3),
    ),
    *table(  # so many images that their columns are made in several parts
        "convolution",
        """
        F.conv2d(x, w, padding=1, groups=2)
        F.conv_transpose2d(x, w, stride=2, groups=2)
        """,
        x=floats(40, 8, 16, 16),
        w=floats(8, 4, 5, 5),
        tolerance=1e-4,
    ),
    # layers
    *table("convolution", "trained($layer, x)", layer=LAYERS, x=[floats(2, 4, 6, 7), floats(4, 6, 7)]),
    *table("convolution", "trained($layer, x)", layer=LAYERS_1D, x=[floats(2, 4, 9), floats(4, 9)]),
    *table(
        "convolution",
        """
        repr($layer)
        [(name, tuple(p.shape), p.requires_grad) for name, p in $layer.named_parameters()]
        m = $layer; (m.in_channels, m.kernel_size, m.stride, m.padding, m.dilation, m.output_padding, m.groups)
        m = $layer; (m.out_channels, m.padding_mode, m.bias is None)
        """,
        layer=LAYERS + LAYERS_1D,
    ),
    *table(
        "convolution",
        """
        repr($layer)
        $layer(x)
        """,
        layer="nn.Unfold(2); nn.Unfold((2, 3), padding=1, stride=(2, 1)); nn.Unfold(2, 2, 1, 1)",
        x=floats(2, 3, 5, 6),
    ),
    *table(
        "convolution",
        """
        w = $layer.weight; (w.min().item() * 10, w.max().item() * 10, w.std().item() * 10)
        w = $layer.bias; (w.min().item() * 10, w.max().item() * 10, w.std().item() * 10)
        """,
        layer=["nn.Conv2d(4, 9000, 5)", "nn.ConvTranspose2d(50, 9000, 3)", "nn.Conv1d(40, 9000, 3, groups=2)"],
        grad=False,
        tolerance=0.03,
    ),
    *table(
        "convolution",
        """
        m = nn.Conv2d(2, 3, 3); w = m.weight.clone(); m.reset_parameters(); torch.equal(w, m.weight)
        nn.Conv2d(2, 3, 3, dtype=torch.float64).bias.dtype
        nn.Conv2d(2, 3, 3, device="cpu").weight.dtype
        nn.Conv2d(2, 3, 3, bias=False).bias
        list(nn.Sequential(nn.Conv2d(1, 2, 3), nn.ConvTranspose1d(2, 1, 2)).state_dict())
        """,
    ),
    *table(
        "convolution",
        """
        nn.Conv2d(3, 8, kernel_size=3)(torch.zeros(2, 8, 8, 3))
        nn.Conv2d(1, 8, 3)(torch.zeros(5, 8, 8))
        nn.Conv2d(3, 8, 3)(torch.zeros(8, 8))
        nn.Conv2d(3, 8, 3)(torch.zeros(1, 3, 8))
        nn.Conv2d(3, 8, 3)(torch.zeros(1, 1, 3, 8, 8))
        nn.Conv2d(3, 8, 3)(torch.zeros(1, 3, 2, 8))
        nn.Conv2d(3, 8, 3, dilation=4)(x)
        nn.Conv2d(3, 8, 3)(x.double())
        nn.Conv2d(3, 8, 3)(x.long())
        nn.Conv2d(3, 8, 3).double()(x)
        nn.Conv2d(3, 8, 3, groups=2)
        nn.Conv2d(4, 7, 3, groups=2)
        nn.Conv2d(4, 8, 3, groups=0)
        nn.Conv2d(3, 8, 3, padding="full")
        nn.Conv2d(3, 8, 3, padding="same", stride=2)
        nn.Conv2d(3, 8, 3, padding_mode="mirror")
        nn.ConvTranspose2d(3, 8, 3, padding_mode="reflect")
        nn.Conv2d(3, 8, 3, stride=0)(x)
        nn.Conv2d(3, 8, 3, dilation=0)(x)
        nn.Conv2d(3, 8, "3")
        nn.Conv2d(3, 8, 2.5)
        nn.Conv2d(3, 8)
        nn.Conv2d(3)
        nn.Conv1d(3, 8, 3)(torch.zeros(2, 9, 3))
        nn.Conv1d(3, 8, 3)(torch.zeros(2, 3, 8, 8))
        nn.ConvTranspose2d(3, 8, 3)(torch.zeros(2, 8, 8, 3))
        nn.ConvTranspose2d(3, 8, 3, output_padding=1)(x)
        nn.ConvTranspose2d(3, 8, 3, stride=2, output_padding=2)(x)
        nn.ConvTranspose2d(3, 8, 1, padding=9)(x)
        F.conv2d(x, w, b)
        F.conv2d(x, w[0])
        F.conv2d(x, w, b[:3], stride=0)
        F.conv2d(x, w, stride=-1)
        F.conv2d(x, w, stride=(1, 1, 1))
        F.conv2d(x, w, stride="1")
        F.conv2d(x, w, padding=-1)
        F.conv2d(x, w, padding=(1, 2, 3))
        F.conv2d(x, w, padding="half")
        F.conv2d(x, w, padding="same", stride=2)
        F.conv2d(x, w, groups=3)
        F.conv2d(x, w, groups=0)
        F.conv2d(x, w.double())
        F.conv2d(x, w, b[:4].double())
        F.conv2d(x)
        F.conv2d(x, 3)
        F.conv1d(x, w)
        F.conv_transpose2d(x, w)
        F.conv_transpose2d(x, w.transpose(0, 1), b)
        F.conv_transpose2d(x, w.transpose(0, 1), output_padding=1)
        F.unfold(x[0, 0], 2)
        F.unfold(x, 9)
        F.unfold(x, 2, stride=0)
        F.unfold(x, (2, 2, 2))
        """,
        raises=True,
        x=floats(2, 3, 8, 8),
        w=floats(4, 3, 3, 3),
        b=floats(5),
    ),
    *table(
        "convolution",
        "F.conv2d(x, w)",
        x=[given([[[[1.0, float("inf")], [2.0, 3.0]]]]), given([[[[1.0, float("nan"), 2.0]]]])],
        w=given([[[[1.0]]]]),
    ),
]
CASES = [replace(case, strides=False) for case in CASES]  # a result's channels may be innermost in memory

CASES += table(
    "convolution",
    """
    F.conv2d(x, w).stride()
    F.conv2d(x, w).view(2, -1)
    F.conv2d(x, w, padding=1).relu().view(2, 9, 20).view(-1)
    F.conv2d(x, w)[1].view(9, -1).contiguous()
    F.conv2d(x, w)[1].view(-1)
    F.conv2d(x[0], w).view(-1)
    y = F.conv2d(x, w); z = y.view(-1); z.mul_(2); z.add_(1); y.relu().contiguous()
    y = F.conv2d(x, w); z = y[1].view(-1); z.mul_(y.sum()); y.relu().contiguous()
    y = F.conv2d(x, w); z = y * y; y.view(-1).shape; z.contiguous()
    F.conv2d(x, w).permute(0, 2, 3, 1).contiguous().view(-1)
    F.conv2d(x, w).flatten(1)
    F.conv_transpose2d(x, w.transpose(0, 1)).view(2, 9, -1).contiguous()
    """,
    x=floats(2, 8, 4, 5),
    w=floats(9, 8, 3, 3),
)
