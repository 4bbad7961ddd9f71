"""Normalization over the batch, features, groups, instances: functions and layers."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from parity.harness import programs, table
from parity.inputs import floats, given

NORMS = """
    nn.LayerNorm(4); nn.LayerNorm([3, 4]); nn.LayerNorm((2, 3, 4), 1e-2); nn.LayerNorm(4, elementwise_affine=False)
    nn.LayerNorm(4, bias=False); nn.LayerNorm(normalized_shape=4, eps=1e-3); nn.RMSNorm(4); nn.RMSNorm([3, 4], eps=0.1)
    nn.RMSNorm(4, None, False); nn.GroupNorm(3, 3); nn.GroupNorm(1, 3, 1e-3); nn.GroupNorm(3, 3, affine=False)
    nn.GroupNorm(num_groups=1, num_channels=3, bias=False); nn.BatchNorm1d(3); nn.BatchNorm1d(3, 1e-3, 0.3)
    nn.BatchNorm1d(3, affine=False); nn.BatchNorm1d(3, bias=False); nn.BatchNorm1d(3, track_running_stats=False)
    nn.BatchNorm1d(3, momentum=None); nn.BatchNorm1d(num_features=3, eps=1e-2, momentum=0.0); nn.InstanceNorm1d(3)
    nn.InstanceNorm1d(3, affine=True); nn.InstanceNorm1d(3, 1e-3, 0.2, True, True)
"""
IMAGES = """
    nn.BatchNorm2d(4); nn.BatchNorm2d(4, momentum=None, affine=False); nn.BatchNorm2d(4, 0.1, 1.0, True, False)
    nn.GroupNorm(2, 4); nn.GroupNorm(4, 4); nn.InstanceNorm2d(4); nn.InstanceNorm2d(4, affine=True, bias=False)
    nn.InstanceNorm2d(4, track_running_stats=True); nn.LayerNorm([3, 5]); nn.LayerNorm([4, 3, 5])
"""


CASES = [
    # functions
    *(
        case
        for kind in ("float32", "float64")
        for case in table(
            "normalization",
            """
            F.layer_norm(x, (4,))
            F.layer_norm(x, [3, 4])
            F.layer_norm(x, x.shape)
            F.layer_norm(x, (4,), w)
            F.layer_norm(x, (4,), w, b)
            F.layer_norm(x, (4,), None, b)
            F.layer_norm(x, (4,), w.detach(), b, 0.5)
            F.layer_norm(x.detach(), normalized_shape=(4,), weight=w, bias=b, eps=1e-2)
            F.layer_norm(x.transpose(0, 1), (4,), w, b)
            F.layer_norm(x * 3 + 100, (4,), w, b)
            F.rms_norm(x, (4,))
            F.rms_norm(x, (3, 4))
            F.rms_norm(x, (4,), w)
            F.rms_norm(x, (4,), weight=w, eps=0.5)
            F.rms_norm(x * 0, (4,), w)
            F.group_norm(x, 1)
            F.group_norm(x, 3)
            F.group_norm(x, 3, c)
            F.group_norm(x, 1, c, d, 0.5)
            F.group_norm(x, num_groups=1, weight=c.detach(), bias=d)
            F.group_norm(x.transpose(0, 1), 2, eps=1e-3)
            F.batch_norm(x, None, None, training=True)
            F.batch_norm(x, None, None, c, d, True)
            F.batch_norm(x, None, None, c.detach(), d, True, 0.1, 0.5)
            F.batch_norm(x[:, :, 0], None, None, c, training=True)
            F.batch_norm(x, m.detach(), v.detach())
            F.batch_norm(x, m.detach(), v.detach(), c)
            F.batch_norm(x, m.detach(), v.detach(), c, d, eps=0.5)
            F.batch_norm(x.detach(), m.detach(), v.detach(), c, d)
            F.batch_norm(x, m.detach(), v.detach(), bias=d)
            F.batch_norm(x.transpose(1, 2), None, None, training=True, eps=1e-3)
            F.instance_norm(x)
            F.instance_norm(x, weight=c, bias=d)
            F.instance_norm(x, eps=0.5)
            F.normalize(x)
            F.normalize(x, dim=-1)
            F.normalize(x, p=1, dim=2)
            F.normalize(x, 3.0, 0)
            F.normalize(x, p=inf, dim=1)
            F.normalize(x, dim=(1, 2))
            F.normalize(x * 1e-4, eps=1e-2)
            F.normalize(x * 0)
            """,
            x=floats(2, 3, 4, dtype=kind, low=-3, high=5),
            w=floats(4, dtype=kind),
            b=floats(4, dtype=kind),
            c=floats(3, dtype=kind),
            d=floats(3, dtype=kind),
            m=given([0.5, -1.0, 2.0], kind),
            v=given([0.5, 1.0, 2.0], kind),
        )
    ),
    *table(
        "normalization",
        """
        m, v = torch.zeros(3), torch.ones(3); (F.batch_norm(x, m, v, c, d, True), m, v)
        m, v = torch.ones(3), torch.ones(3); (F.batch_norm(x, m, v, c, d, True, 0.5), m, v)
        m, v = torch.ones(3), torch.ones(3); (F.batch_norm(x, m, v, training=True, momentum=1.0), m, v)
        m, v = torch.ones(3), torch.ones(3); (F.batch_norm(x[:0], m, v, training=True), m, v)
        m, v = torch.ones(3), torch.ones(3); (F.batch_norm(x, m, v, c), m, v)
        m, v = torch.ones(3), torch.ones(3); (F.instance_norm(x, m, v, c, d, True, 0.3), m, v)
        m, v = torch.ones(3), torch.ones(3); (F.instance_norm(x, m, v, c, d, False), m, v)
        """,
        x=floats(2, 3, 4),
        c=floats(3),
        d=floats(3),
    ),
    *table(
        "normalization",
        """
        F.batch_norm(x, None, None, c, d, True)
        F.batch_norm(x.permute(0, 3, 1, 2)[:, :4], None, None, c, d, training=True)
        F.group_norm(x, 2, c, d)
        F.group_norm(x, 4, c)
        F.instance_norm(x, weight=c, bias=d)
        F.layer_norm(x, (3, 5))
        F.layer_norm(x, (4, 3, 5))
        """,
        x=floats(2, 4, 3, 5),
        c=floats(4),
        d=floats(4),
    ),
    *table(
        "normalization",
        """
        F.layer_norm(h, (4,))
        F.layer_norm(h, (4,), w, w)
        F.layer_norm(h, (4,), w.float(), w.float())
        F.rms_norm(h, (4,), w)
        F.group_norm(h, 3)
        F.batch_norm(h, None, None, training=True)
        F.instance_norm(h)
        """,
        tolerance=1e-2,
        h=floats(2, 3, 4, dtype="float16"),
        w=floats(4, dtype="float16"),
    ),
    *table(
        "normalization",
        """
        F.layer_norm(z, (4,))
        F.layer_norm(z, (4,), torch.ones(4), torch.ones(4))
        F.rms_norm(z, (4,))
        F.group_norm(z, 3)
        F.batch_norm(z, None, None, training=True)
        F.normalize(z)
        """,
        z=floats(0, 3, 4),
    ),
    *table(
        "normalization",
        """
        F.layer_norm(x, (3,))
        F.layer_norm(x, 4)
        F.layer_norm(x, ())
        F.layer_norm(x, (2, 2, 3, 4))
        F.layer_norm(x, (4,), torch.ones(3))
        F.layer_norm(x, (4,), torch.ones(4), torch.ones(1))
        F.layer_norm(x, (4,), torch.ones(4).double())
        F.layer_norm(x.long(), (4,))
        F.rms_norm(x, (3,))
        F.rms_norm(x, 4)
        F.rms_norm(x, ())
        F.rms_norm(x, (4,), torch.ones(3))
        F.rms_norm(x.long(), (4,))
        F.group_norm(x, 2)
        F.group_norm(x[0, 0], 1)
        F.group_norm(x, 3, torch.ones(2))
        F.group_norm(x[:1, :, 0], 3)
        F.group_norm(x.long(), 3)
        F.batch_norm(x, None, None)
        F.batch_norm(x, torch.zeros(4), torch.ones(4))
        F.batch_norm(x, torch.zeros(4), torch.ones(4), training=True)
        F.batch_norm(x, None, None, torch.ones(2), training=True)
        F.batch_norm(x[:1, :, 0], None, None, training=True)
        F.batch_norm(x.long(), None, None, training=True)
        F.batch_norm(x.double(), torch.zeros(3), torch.ones(3))
        F.instance_norm(x[:, :, :1])
        F.instance_norm(x[:, :, 0])
        F.instance_norm(x, use_input_stats=False)
        F.instance_norm(x, weight=torch.ones(2))
        F.normalize(x[0, 0])
        F.normalize(x.long())
        nn.LayerNorm(3)(x)
        nn.RMSNorm(3)(x)
        nn.GroupNorm(2, 3)
        nn.GroupNorm(0, 3)
        nn.GroupNorm(2, 4)(x)
        nn.BatchNorm1d(4)(x)
        nn.BatchNorm1d(3)(x[0, 0])
        nn.BatchNorm1d(3)(x.unsqueeze(0))
        nn.BatchNorm2d(3)(x)
        nn.BatchNorm1d(3)(x[:1, :, 0])
        nn.BatchNorm1d(-3)
        nn.InstanceNorm1d(3)(x[0, 0])
        nn.InstanceNorm1d(4, affine=True)(x)
        nn.InstanceNorm2d(3)(x[0])
        nn.LayerNorm(4, frobnicate=True)
        nn.BatchNorm1d()
        """,
        raises=True,
        x=floats(2, 3, 4),
    ),
    # layers
    *table(
        "normalization",
        """
        trained($layer, x)
        trained($layer.eval(), x)
        m = fill($layer); m(x); m(x * 2); (m(x + 1), dict(m.named_buffers()))
        m = $layer.train(); m(x); m(x * 2 - 3); m.eval(); (m(x + 1), dict(m.named_buffers()))
        """,
        layer=NORMS,
        x=floats(2, 3, 4),
    ),
    *table(
        "normalization",
        """
        trained($layer, x)
        m = $layer.train(); m(x); m(x * 2 - 3); m.eval(); (m(x + 1), dict(m.named_buffers()))
        """,
        layer=IMAGES,
        x=floats(2, 4, 3, 5),
    ),
    *table(
        "normalization", "trained(nn.$norm, x)", norm="BatchNorm1d(4); LayerNorm(4); GroupNorm(1, 4)", x=floats(5, 4)
    ),
    *table(
        "normalization",
        "trained(nn.$norm.double(), x)",
        norm="BatchNorm1d(3); LayerNorm(4); GroupNorm(3, 3)",
        x=floats(2, 3, 4, dtype="float64"),
    ),
    *table(
        "normalization",
        """
        repr($layer)
        m = $layer; [(k, tuple(x.shape), x.dtype) for k, x in m.state_dict().items()]
        m = $layer; [(k, p.requires_grad) for k, p in m.named_parameters()]
        """,
        layer=NORMS + IMAGES,
    ),
    *table("normalization", "m = $layer; list(m.state_dict().values())", layer=NORMS + IMAGES),
    *table(
        "normalization",
        """
        nn.InstanceNorm1d(3)(x[0])
        nn.InstanceNorm2d(2, track_running_stats=True)(x)
        m = nn.BatchNorm1d(3); (m.running_mean, m.running_var, m.num_batches_tracked, m.momentum, m.affine)
        m = nn.BatchNorm1d(3); m(x); m.reset_running_stats(); m.state_dict()
        m = nn.BatchNorm1d(3); m(x); copy.deepcopy(m).state_dict()
        m = nn.BatchNorm1d(3); m(x); n = nn.BatchNorm1d(3); n.load_state_dict(m.state_dict()); n.eval()(x)
        m = nn.BatchNorm1d(3); m.weight.data.fill_(4.0); m.reset_parameters(); m.weight
        m = nn.BatchNorm1d(3).double(); [x.dtype for x in m.state_dict().values()]
        m = nn.BatchNorm1d(3).eval(); m.track_running_stats = False; m.train(); (m(x), m.running_mean)
        m = nn.LayerNorm(4); (m.normalized_shape, m.eps, m.elementwise_affine)
        m = nn.GroupNorm(1, 3); (m.num_groups, m.num_channels, m.eps, m.affine)
        nn.LayerNorm(4, dtype=torch.float64, device="cpu").weight.dtype
        nn.Sequential(nn.BatchNorm1d(3), nn.ReLU()).state_dict().keys().__len__()
        m = nn.BatchNorm1d(3); m.requires_grad_(False); m(x).requires_grad
        """,
        x=floats(2, 3, 4),
        grad=False,
    ),
]


# ------------------------------------------------------------------------------------ programs
def batch_norm_by_hand(torch: ModuleType) -> Any:
    """Karpathy's makemore: the layer against its formula."""
    x = torch.linspace(-3, 5, 24).reshape(6, 4).requires_grad_()
    gain, bias = torch.full((4,), 1.5, requires_grad=True), torch.full((4,), 0.25, requires_grad=True)
    mean, var = x.mean(0, keepdim=True), x.var(0, keepdim=True, correction=0)
    by_hand = gain * (x - mean) / torch.sqrt(var + 1e-5) + bias
    layer = torch.nn.functional.batch_norm(x, None, None, gain, bias, True)
    ((by_hand - layer) ** 2).sum().backward()
    return layer, torch.allclose(by_hand, layer, atol=1e-5), x.grad.abs().max() < 1e-3


def statistics_in_training_and_evaluation(torch: ModuleType) -> Any:
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.Tanh(), torch.nn.Linear(4, 1))
    with torch.no_grad():
        for i, p in enumerate(model.parameters()):
            p.copy_((torch.arange(p.numel()) * 0.37 + i).sin().reshape(p.shape))
    x = torch.linspace(-2, 2, 30).reshape(10, 3).cos()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    losses = []
    for _ in range(5):
        optimizer.zero_grad()
        loss = (model(x) ** 2).mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    model.eval()
    return losses, model(x).detach(), dict(model.named_buffers())


CASES += programs("normalization", batch_norm_by_hand, statistics_in_training_and_evaluation, grad=False)
