"""Losses and distances: functions and modules, with weights, older arguments, odd targets and shapes."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from parity.harness import programs, table
from parity.inputs import floats, given, ints

REDUCTIONS = "mean; sum; none"
OLDER = """
    size_average=False; size_average=True; reduce=False; reduce=True; size_average=False, reduce=False
    size_average=False, reduce=True; size_average=True, reduce=False; size_average=False, reduction="none"
"""
FAR = given([1e4, -1e4, 0.0, 5e3, -1e4])
MODULES = """
    nn.CrossEntropyLoss(); nn.CrossEntropyLoss(w); nn.CrossEntropyLoss(weight=w, ignore_index=1, reduction="sum")
    nn.CrossEntropyLoss(label_smoothing=0.1); nn.CrossEntropyLoss(None, None, 2, None, "none", 0.2); nn.NLLLoss()
    nn.CrossEntropyLoss(w, False); nn.NLLLoss(w, None, 1); nn.NLLLoss(weight=w, reduction="none", ignore_index=0)
    nn.NLLLoss(reduce=False)
"""
PAIRS = """
    nn.MSELoss(); nn.MSELoss(None, None, "sum"); nn.MSELoss(size_average=False); nn.L1Loss()
    nn.L1Loss(reduction="none"); nn.L1Loss(False); nn.SmoothL1Loss(); nn.SmoothL1Loss(beta=0.5)
    nn.SmoothL1Loss(None, None, "sum", 0.25); nn.SmoothL1Loss(reduction="none", beta=0.0); nn.HuberLoss()
    nn.HuberLoss(delta=0.5); nn.HuberLoss("sum", 2.0)
    nn.BCEWithLogitsLoss(); nn.BCEWithLogitsLoss(w); nn.BCEWithLogitsLoss(pos_weight=w, reduction="sum")
    nn.BCEWithLogitsLoss(w, None, None, "none", w + 1); nn.KLDivLoss(reduction="batchmean"); nn.KLDivLoss()
    nn.KLDivLoss(reduction="sum", log_target=True); nn.KLDivLoss(None, None, "none")
    nn.SoftMarginLoss(); nn.SoftMarginLoss(reduction="none")
    nn.HingeEmbeddingLoss(); nn.HingeEmbeddingLoss(0.5); nn.HingeEmbeddingLoss(margin=0.2, reduction="sum")
    nn.CosineSimilarity(); nn.CosineSimilarity(0, 1e-3); nn.CosineSimilarity(dim=-1); nn.PairwiseDistance()
    nn.PairwiseDistance(1); nn.PairwiseDistance(p=3.0, eps=0.1, keepdim=True)
"""
PRINTED = """
    nn.CrossEntropyLoss(w); nn.NLLLoss(); nn.L1Loss(); nn.SmoothL1Loss(beta=2.0); nn.HuberLoss(); nn.BCELoss(w)
    nn.BCEWithLogitsLoss(w, pos_weight=w); nn.KLDivLoss(); nn.CosineSimilarity(); nn.PairwiseDistance()
    nn.CosineEmbeddingLoss(0.5); nn.HingeEmbeddingLoss(); nn.MarginRankingLoss(); nn.TripletMarginLoss(swap=True)
    nn.SoftMarginLoss(); nn.GaussianNLLLoss(full=True)
"""

CASES = [
    # ------------------------------------------------------------------------------------------ classes
    *table(
        "loss",
        """
        $f(x, t, reduction="$r")
        $f(x, t, w.detach(), reduction="$r")
        $f(x, t, weight=w.detach(), ignore_index=1, reduction="$r")
        $f(x, t, ignore_index=2, reduction="$r")
        $f(x, t * 0 - 100, reduction="$r")
        $f(x, t.clamp(min=1) - 2, ignore_index=-1, reduction="$r")
        $f(k, l, reduction="$r")
        $f(k, l, w.detach(), ignore_index=0, reduction="$r")
        $f(q, u, reduction="$r")
        $f(q, u, w.detach(), reduction="$r")
        $f(v, c, reduction="$r")
        $f(v, c, w.detach(), reduction="$r")
        $f(v, c * 0 + 1, ignore_index=1, reduction="$r")
        $f(d, t, w.detach().double(), ignore_index=0, reduction="$r")
        """,
        f=["F.nll_loss", "F.cross_entropy"],
        r=REDUCTIONS,
        x=floats(6, 3),
        t=ints(6, high=2),
        w=floats(3, low=0.1),
        k=floats(2, 3, 4),
        l=ints(2, 4, high=2),
        q=floats(2, 3, 4, 2),
        u=ints(2, 4, 2, high=2),
        v=floats(3),
        c=ints(high=2),
        d=floats(6, 3, dtype="float64"),
    ),
    *table(
        "loss",
        """
        F.cross_entropy(x, t, label_smoothing=0.1, reduction="$r")
        F.cross_entropy(x, t, w.detach(), label_smoothing=0.3, reduction="$r")
        F.cross_entropy(x, t, w.detach(), ignore_index=1, label_smoothing=0.3, reduction="$r")
        F.cross_entropy(x, t, ignore_index=0, label_smoothing=1.0, reduction="$r")
        F.cross_entropy(x, t * 0 - 100, label_smoothing=0.1, reduction="$r")
        F.cross_entropy(k, l, w.detach(), label_smoothing=0.1, reduction="$r")
        F.cross_entropy(v, c, label_smoothing=0.1, reduction="$r")
        F.cross_entropy(x, p, reduction="$r")
        F.cross_entropy(x, p, w.detach(), reduction="$r")
        F.cross_entropy(x, p, w.detach(), label_smoothing=0.2, reduction="$r")
        F.cross_entropy(x, p.detach(), reduction="$r")
        F.cross_entropy(k, k.detach().softmax(1), w, reduction="$r")
        F.cross_entropy(v, p[0], reduction="$r")
        F.cross_entropy(v, p[0], w.detach(), reduction="$r")
        """,
        r=REDUCTIONS,
        x=floats(6, 3),
        t=ints(6, high=2),
        p=floats(6, 3, low=0, high=1),
        w=given([0.5, 2.0, 1.0]),
        k=floats(2, 3, 4),
        l=ints(2, 4, high=2),
        v=floats(3),
        c=ints(high=2),
    ),
    *table(
        "loss",
        """
        F.cross_entropy(x, t, None, $older)
        F.nll_loss(x, t, $older)
        F.mse_loss(x, y, $older)
        F.l1_loss(x, y, $older)
        F.smooth_l1_loss(x, y, $older)
        F.binary_cross_entropy(x.sigmoid(), y.detach().sigmoid(), $older)
        F.binary_cross_entropy_with_logits(x, y, $older)
        F.kl_div(x, y, $older)
        F.soft_margin_loss(x, y.detach(), $older)
        F.hinge_embedding_loss(x, y.sign(), $older)
        F.margin_ranking_loss(x, y, y.sign(), $older)
        F.triplet_margin_loss(x, y, x + 1, $older)
        F.cosine_embedding_loss(x, y, y[:, 0].sign(), $older)
        nn.MSELoss($older)(x, y)
        nn.CrossEntropyLoss($older)(x, t)
        nn.CrossEntropyLoss($older).reduction
        """,
        older=OLDER,
        x=floats(4, 3),
        y=floats(4, 3),
        t=ints(4, high=2),
    ),
    *table(
        "loss",
        """
        F.cross_entropy(x, t, None, False)
        F.cross_entropy(x, t, w.detach(), True, 0, False)
        F.cross_entropy(x, t, w.detach(), None, 0, None, "sum", 0.1)
        F.nll_loss(x, t, None, False)
        F.nll_loss(x, t, w.detach(), None, 0, None, "sum")
        F.mse_loss(x, y, False)
        F.mse_loss(x, y, None, None, "sum")
        F.l1_loss(x, y, None, False)
        F.smooth_l1_loss(x, y, None, None, "none", 0.5)
        F.huber_loss(x, y, "none", 0.5)
        F.binary_cross_entropy(x.sigmoid(), y.sigmoid(), None, None, None, "sum")
        F.binary_cross_entropy_with_logits(x, y, w.detach(), None, None, "sum", w.detach())
        F.kl_div(x, y, None, None, "sum", True)
        F.soft_margin_loss(x, y.detach(), None, None, "sum")
        F.hinge_embedding_loss(x, y.sign(), 0.5, None, None, "sum")
        F.margin_ranking_loss(x, y, y.sign(), 0.5, None, None, "sum")
        F.triplet_margin_loss(x, y, x * 2, 0.5, 1, 1e-3, True, None, None, "sum")
        F.cosine_embedding_loss(x, y, y[:, 0].sign(), 0.2, None, None, "none")
        F.gaussian_nll_loss(x, y, y * y, True, 0.1, "sum")
        F.cross_entropy(x * 1e4, t)
        F.cross_entropy(torch.stack([z, -z, z]), t[:3] + 2)
        F.cross_entropy(torch.stack([z, -z]), t[:2], ignore_index=7, label_smoothing=0.5)
        F.softmax(torch.stack([z, -z]), 1)
        F.log_softmax(torch.stack([z, -z]), 1)
        F.nll_loss(F.log_softmax(x, 1), t)
        F.nll_loss(x, t.byte())
        F.cross_entropy(v.detach(), t[:1])
        F.nll_loss(v.detach(), t[:1])
        F.cross_entropy(e, t[:0])
        F.cross_entropy(e, t[:0], w.detach(), reduction="sum")
        F.nll_loss(e, t[:0], reduction="none")
        F.cross_entropy(x.masked_fill(m, -inf), t * 0 + 2)
        F.cross_entropy(x.masked_fill(m, -inf), t * 0 + 2, ignore_index=0)
        """,
        x=floats(4, 3),
        y=floats(4, 3),
        w=given([0.5, 2.0, 1.0]),
        t=ints(4, high=2),
        v=floats(3),
        e=floats(0, 3),
        z=FAR,
        m=given([True, False, False], "bool"),
    ),
    # ------------------------------------------------------------------------------------------ numbers
    *table(
        "loss",
        """
        F.l1_loss(x, y, reduction="$r")
        F.smooth_l1_loss(x, y, reduction="$r")
        F.smooth_l1_loss(x, y, reduction="$r", beta=0.5)
        F.smooth_l1_loss(x, y, reduction="$r", beta=0)
        F.huber_loss(x, y, reduction="$r")
        F.huber_loss(x, y, reduction="$r", delta=0.5)
        F.huber_loss(input=x, target=y, reduction="$r", delta=3)
        F.gaussian_nll_loss(x, y, y * y, reduction="$r")
        F.gaussian_nll_loss(x, y, y * y * 0.1, full=True, eps=0.3, reduction="$r")
        F.gaussian_nll_loss(x, y, 0.5, reduction="$r")
        F.kl_div(x, y.abs(), reduction="$r")
        F.kl_div(x, y, log_target=True, reduction="$r")
        F.binary_cross_entropy(x.sigmoid(), y.sigmoid(), reduction="$r")
        F.soft_margin_loss(x, y.detach(), reduction="$r")
        F.hinge_embedding_loss(x, y.sign(), reduction="$r")
        F.hinge_embedding_loss(x, y, margin=0.3, reduction="$r")
        F.margin_ranking_loss(x, y, y.sign(), reduction="$r")
        F.margin_ranking_loss(x, y, y.sign(), margin=0.5, reduction="$r")
        """,
        r=REDUCTIONS,
        x=floats(4, 5),
        y=floats(4, 5),
    ),
    *table(
        "loss",
        """
        F.l1_loss(x, y)
        F.smooth_l1_loss(x, y, beta=0.3)
        F.huber_loss(x, y, delta=0.3)
        F.gaussian_nll_loss(x, y, 0.5)
        F.kl_div(x, y.abs(), reduction="batchmean")
        F.binary_cross_entropy(x.sigmoid(), y.sigmoid())
        F.binary_cross_entropy_with_logits(x, y.sigmoid(), pos_weight=y.detach().exp())
        F.soft_margin_loss(x, y.detach())
        F.cross_entropy(x, y.softmax(0), label_smoothing=0.1)
        F.cosine_similarity(x, y, 0)
        F.pairwise_distance(x, y)
        """,
        x=floats(5, dtype="float64"),
        y=floats(5, dtype="float64"),
    ),
    *table(
        "loss",
        """
        F.cross_entropy(x, t, label_smoothing=0.1)
        F.nll_loss(x, t)
        F.l1_loss(x, y)
        F.huber_loss(x, y)
        F.binary_cross_entropy(x.sigmoid(), y.sigmoid())
        F.mse_loss(x, y)
        """,
        x=floats(4, 3, dtype="float16"),
        y=floats(4, 3, dtype="float16"),
        t=ints(4, high=2),
        tolerance=5e-3,
    ),
    *table("loss", "F.kl_div(x, y.abs(), reduction='batchmean')", x=[floats(4, 5)], y=[floats(4, 5), floats(5)]),
    *table(
        "loss",
        "F.kl_div(x, p.detach(), reduction='batchmean')\nF.kl_div(x, p.detach())",
        x=floats(3),
        p=given([0.0, 0.5, 0.5]),
    ),
    *table("loss", "F.kl_div(x, x.detach(), reduction='batchmean')", x=floats(low=0.1)),
    *table(
        "loss",
        """
        F.$f(x, x.detach())
        F.$f(x, y)
        F.$f(x, y, reduction="sum")
        F.$f(s, s.detach() + 1)
        F.$f(x[:0], y[:0])
        F.$f(x[:0], y[:0], reduction="none")
        """,
        f="mse_loss; l1_loss; smooth_l1_loss; huber_loss",
        x=given([0.0, 1.0, 2.0, -1.0, 1e4]),
        y=given([0.0, 0.0, 1.5, 1.0, -1e4]),
        n=ints(5),
        s=floats(),
    ),
    *table(
        "loss",
        "F.$f(x, n)\nF.$f(x, y.double())\nF.$f(y.double(), x)",
        f="mse_loss; l1_loss; smooth_l1_loss",
        x=floats(5),
        y=floats(5),
        n=ints(5),
    ),
    *table(
        "loss",
        "F.$f(x, x > 0)\nF.huber_loss(x, x.double() + 1)\nF.huber_loss(x.double(), x)",
        f="mse_loss; smooth_l1_loss; huber_loss",
        x=floats(5),
        grad=False,
    ),
    # ------------------------------------------------------------------------------------------ probabilities
    *table(
        "loss",
        """
        F.binary_cross_entropy(p, t, reduction="$r")
        F.binary_cross_entropy(p, t, w, reduction="$r")
        F.binary_cross_entropy(p, t, weight=w[0], reduction="$r")
        F.binary_cross_entropy(p.double(), t.double(), reduction="$r")
        F.binary_cross_entropy(g, h, reduction="$r")
        F.binary_cross_entropy(g, 1 - h, reduction="$r")
        F.binary_cross_entropy(x.sigmoid(), t, reduction="$r")
        F.binary_cross_entropy_with_logits(x, t, w, reduction="$r")
        F.binary_cross_entropy_with_logits(x, t, pos_weight=w[0], reduction="$r")
        F.binary_cross_entropy_with_logits(x, t, weight=w[0], pos_weight=w, reduction="$r")
        F.binary_cross_entropy_with_logits(x * 50, t.round(), pos_weight=w, reduction="$r")
        F.binary_cross_entropy_with_logits(z, z.sigmoid().detach(), reduction="$r")
        F.binary_cross_entropy_with_logits(z, z.sigmoid().detach(), pos_weight=z[:1] / 1e3, reduction="$r")
        """,
        r=REDUCTIONS,
        p=floats(4, 3, low=0, high=1),
        t=floats(4, 3, low=0, high=1),
        w=given([[0.5, 2.0, 1.0]] * 4),
        g=given([0.0, 1.0, 0.0, 1.0, 0.5]),
        h=given([0.0, 1.0, 1.0, 0.0, 1.0]),
        x=floats(4, 3, low=-9, high=9),
        z=FAR,
        grad=False,
    ),
    *table(
        "loss",
        """
        F.binary_cross_entropy(p, t)
        F.binary_cross_entropy(p, t, w.detach(), reduction="sum")
        F.binary_cross_entropy(g, h.detach(), reduction="none")
        F.binary_cross_entropy(g, (1 - h).detach(), reduction="none")
        F.binary_cross_entropy(x.sigmoid(), t.detach())
        F.binary_cross_entropy_with_logits(x, t, w.detach(), reduction="none")
        F.binary_cross_entropy_with_logits(x, t, pos_weight=w[0].detach(), reduction="sum")
        F.binary_cross_entropy_with_logits(x, t.detach(), weight=w[0].detach(), pos_weight=w.detach())
        F.binary_cross_entropy_with_logits(z, z.sigmoid().detach(), pos_weight=w[0, 1].detach())
        """,
        p=floats(4, 3, low=0, high=1),
        t=floats(4, 3, low=0, high=1),
        w=given([[0.5, 2.0, 1.0]] * 4),
        g=given([0.0, 1.0, 0.0, 1.0, 0.5]),
        h=given([0.0, 1.0, 1.0, 0.0, 1.0]),
        x=floats(4, 3, low=-9, high=9),
        z=FAR,
    ),
    # ------------------------------------------------------------------------------------------ vectors and margins
    *table(
        "loss",
        """
        $where.cosine_similarity(x, y)
        $where.cosine_similarity(x, y, 0)
        $where.cosine_similarity(x, y, dim=-1, eps=3)
        $where.cosine_similarity(x, y[:1])
        $where.cosine_similarity(x[None], y[:, None], dim=-1)
        $where.cosine_similarity(x[0], y[0], dim=0)
        $where.cosine_similarity(x * 0, y)
        $where.pairwise_distance(x, y)
        $where.pairwise_distance(x, y, 1)
        $where.pairwise_distance(x, y, p=3, eps=0.1, keepdim=True)
        $where.pairwise_distance(x, y, float("inf"))
        $where.pairwise_distance(x, y[0])
        $where.pairwise_distance(x[0], y[0])
        $where.pairwise_distance(x, x.detach())
        """,
        where=["F", "torch"],
        x=floats(4, 3),
        y=floats(4, 3),
    ),
    *table(
        "loss",
        """
        F.triplet_margin_loss(x, y, z, reduction="$r")
        F.triplet_margin_loss(x, y, z, margin=0.3, p=1, reduction="$r")
        F.triplet_margin_loss(x, y, z, 5.0, swap=True, reduction="$r")
        F.triplet_margin_loss(x[0], y[0], z[0], reduction="$r")
        F.cosine_embedding_loss(x, y, t, reduction="$r")
        F.cosine_embedding_loss(x, y, t, margin=-0.5, reduction="$r")
        F.cosine_embedding_loss(x, y, t.float(), 0.5, reduction="$r")
        F.cosine_embedding_loss(x[0], y[0], t[0], reduction="$r")
        F.cosine_embedding_loss(x * 0, y, t, reduction="$r")
        F.margin_ranking_loss(x[:, 0], y[:, 0], t, reduction="$r")
        F.margin_ranking_loss(x, y, t[:, None], 1.0, reduction="$r")
        F.margin_ranking_loss(x, x.detach(), t[:, None], reduction="$r")
        """,
        r=REDUCTIONS,
        x=floats(4, 3),
        y=floats(4, 3),
        z=floats(4, 3),
        t=given([1, -1, -1, 1], "int64"),
        l=ints(4, high=2),
        w=given([0.5, 2.0, 1.0]),
    ),
    *table(
        "loss",
        """
        F.soft_margin_loss(x * 1e3, t.abs().detach())
        F.soft_margin_loss(x * 20, t.detach())
        F.soft_margin_loss(x, t.detach()[0])
        """,
        x=floats(4),
        t=floats(4),
    ),
    # ------------------------------------------------------------------------------------------ modules
    *table(
        "loss",
        "$m(x, t)\n$m(input=x, target=t)",
        m=MODULES,
        x=floats(4, 3),
        t=ints(4, high=2),
        w=given([0.5, 2.0, 1.0]),
        grad=False,
    ),
    *table(
        "loss",
        "$m(x, p)",
        m=PAIRS,
        x=floats(4, 3),
        p=floats(4, 3, low=0.1, high=1),
        w=given([0.5, 2.0, 1.0]),
        grad=False,
    ),
    *table(
        "loss",
        """
        nn.BCELoss()(p, t)
        nn.BCELoss(w)(p, t)
        nn.BCELoss(None, None, None, "sum")(p, t)
        nn.BCELoss(weight=w, reduction="none")(p, t)
        nn.GaussianNLLLoss()(x, y, p)
        nn.GaussianNLLLoss(full=True, eps=0.5, reduction="sum")(x, y, p)
        nn.GaussianNLLLoss(reduction="none")(input=x, target=y, var=p[:, :1])
        nn.GaussianNLLLoss()(x, y, p[:, 0])
        nn.MarginRankingLoss()(x, y, s)
        nn.MarginRankingLoss(0.5, None, None, "sum")(x, y, s)
        nn.MarginRankingLoss(margin=1.0, reduction="none")(x, y, s)
        nn.CosineEmbeddingLoss()(x, y, s[:, 0])
        nn.CosineEmbeddingLoss(0.3)(x, y, s[:, 0])
        nn.CosineEmbeddingLoss(margin=-0.3, reduction="sum")(x, y, s[:, 0])
        nn.TripletMarginLoss()(x, y, p)
        nn.TripletMarginLoss(0.5, 1, 1e-3, True, None, None, "sum")(x, y, p)
        nn.TripletMarginLoss(margin=2.0, p=3.0, swap=True, reduction="none")(x, y, p)
        nn.TripletMarginLoss(margin=2.0)(anchor=x, positive=y, negative=p)
        """,
        x=floats(4, 3),
        y=floats(4, 3),
        p=floats(4, 3, low=0.1, high=1),
        t=floats(4, 3, low=0, high=1),
        s=given([[1.0, -1.0, 1.0]] * 3 + [[-1.0, -1.0, 1.0]]),
        w=given([0.5, 2.0, 1.0]),
        grad=False,
    ),
    *table(
        "loss",
        "repr($m)\nm = $m; [(k, v) for k, v in m.state_dict().items()]\nm = $m; m.training",
        m=PRINTED,
        w=given([0.5, 2.0]),
        grad=False,
    ),
    *table(
        "loss",
        """
        m = nn.CrossEntropyLoss(w); (m.weight, m.ignore_index, m.reduction, m.label_smoothing)
        m = nn.CrossEntropyLoss(); (m.weight, m.ignore_index, m.reduction, m.label_smoothing)
        m = nn.CrossEntropyLoss(w); m.load_state_dict({"weight": w * 2}); m.weight
        m = nn.CrossEntropyLoss(w); len(list(m.parameters())), [k for k, _ in m.named_buffers()]
        m = nn.MSELoss(); m.reduction = "sum"; m(w, w + 1)
        m = nn.BCEWithLogitsLoss(pos_weight=w); (m.pos_weight, m.weight)
        m = nn.SmoothL1Loss(); (m.beta, m.reduction)
        m = nn.HuberLoss(delta=2.0); (m.delta, m.reduction)
        m = nn.TripletMarginLoss(swap=True); (m.margin, m.p, m.eps, m.swap)
        m = nn.GaussianNLLLoss(eps=0.1); (m.full, m.eps)
        m = nn.KLDivLoss(log_target=True); (m.log_target, m.reduction)
        m = nn.PairwiseDistance(); (m.eps, m.keepdim)
        m = nn.CosineSimilarity(); (m.dim, m.eps)
        """,
        w=given([0.5, 2.0]),
        grad=False,
    ),
    # ------------------------------------------------------------------------------------------ mistakes
    *table(
        "loss",
        """
        F.$f(x, t + 3)
        F.$f(x, t - 3)
        F.$f(x, t + 3, ignore_index=4)
        F.$f(x, t.float())
        F.$f(x, t.int())
        F.$f(x, t[:3])
        F.$f(x, t[:, None])
        F.$f(x, t[0])
        F.$f(x[0], t[:2])
        F.$f(x[None], t)
        F.$f(x[None], t[None, :2])
        F.$f(x[None], t[None, :3] + 4)
        F.$f(x.long(), t)
        F.$f(x, t, w[:2])
        F.$f(x, t, reduction="average")
        F.$f(x, t, w.detach(), None, 0, None, "sum", 0.1, 3)
        F.$f(x, t, input=x)
        F.$f(x, t, wait=w)
        F.$f(x)
        """,
        f="cross_entropy; nll_loss",
        raises=True,
        x=floats(4, 3),
        t=ints(4, high=2),
        w=floats(3),
    ),
    *table(
        "loss",
        """
        F.cross_entropy(x, t, label_smoothing=1.5)
        F.cross_entropy(x[0, 0], t[0])
        F.cross_entropy(x, x.softmax(1), ignore_index=1)
        F.cross_entropy(x, x.long())
        F.cross_entropy(x, x[:, :2])
        F.$d(x, x[:, :2])
        F.$d(x, x, reduction="average")
        F.$d(x, 1.0)
        F.$d(n, n)
        F.smooth_l1_loss(x, x, beta=-1)
        F.huber_loss(x, x, delta=0)
        F.binary_cross_entropy(x, p)
        F.binary_cross_entropy(p, x)
        F.binary_cross_entropy(p, p > 0.5)
        F.binary_cross_entropy(p, t)
        F.binary_cross_entropy(p, p[:, :1])
        F.binary_cross_entropy(p, p.long())
        F.binary_cross_entropy_with_logits(x, p[:, 0])
        F.binary_cross_entropy_with_logits(x, t)
        F.kl_div(x, x[:, :2])
        F.kl_div(x, p, reduction="average")
        F.mse_loss(x, x, reduction="batchmean")
        F.soft_margin_loss(x, x[:, :2])
        F.hinge_embedding_loss(x, x, reduction="average")
        F.margin_ranking_loss(x, x, x[0])
        F.margin_ranking_loss(x, x, x, reduction="average")
        F.triplet_margin_loss(x, x, x[0])
        F.triplet_margin_loss(x, x, x, margin=0)
        F.triplet_margin_loss(x, x, x[:, :2])
        F.cosine_embedding_loss(x, x, x)
        F.cosine_embedding_loss(x, x[0], t)
        F.gaussian_nll_loss(x, x, -p)
        F.gaussian_nll_loss(x, x, -1.0)
        F.gaussian_nll_loss(x, x, p[:, :2])
        F.gaussian_nll_loss(x, x, p, reduction="average")
        F.cosine_similarity(x, x[:, :2])
        F.cosine_similarity(x, x, dim=2)
        F.pairwise_distance(x, x[:, :2])
        nn.MSELoss(reduction="average")(x, x)
        nn.MSELoss(None, None, "sum", 3)
        nn.CrossEntropyLoss(wait=x)
        nn.L1Loss(beta=3.0)
        nn.SmoothL1Loss(None, None, "sum", 1.0, 2)
        nn.CrossEntropyLoss()(x)
        nn.CosineSimilarity(1, 1e-3, 2)
        """,
        d="mse_loss; l1_loss; smooth_l1_loss; huber_loss",
        raises=True,
        x=floats(4, 3),
        p=floats(4, 3, low=0.1, high=0.9),
        n=ints(4, 3),
        t=ints(4, high=2),
    ),
    *table(
        "loss",
        """
        F.l1_loss(v, v.detach().unsqueeze(1))
        F.smooth_l1_loss(v, v.detach().unsqueeze(1))
        F.huber_loss(v.unsqueeze(1), v.detach())
        nn.L1Loss()(x, x.detach()[0])
        """,
        x=floats(4, 3),
        v=floats(4),
    ),
]


def a_classifier_with_weights_padding_and_smoothing(torch: ModuleType) -> Any:
    """Five steps of a language model's kind of loss, where some targets are padding."""
    weight = torch.tensor([[0.5, -0.2, 0.1, 0.0], [0.3, 0.8, -0.5, 0.2]], requires_grad=True)
    x = torch.tensor([[1.0, -1.0], [0.5, 2.0], [-1.5, 0.3], [0.0, 1.0]])
    target = torch.tensor([3, -1, 0, 2])
    criterion = torch.nn.CrossEntropyLoss(torch.tensor([1.0, 2.0, 0.5, 1.0]), ignore_index=-1, label_smoothing=0.1)
    losses = []
    for _ in range(5):
        loss = criterion(x @ weight, target)
        loss.backward()
        with torch.no_grad():
            weight -= 0.5 * weight.grad
        weight.grad = None
        losses.append(loss.item())
    return losses, weight.detach()


CASES += programs("loss", a_classifier_with_weights_padding_and_smoothing)
