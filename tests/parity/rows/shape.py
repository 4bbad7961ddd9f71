"""Rearranging elements: shapes, strides, and which results share memory with their input."""

from parity.harness import table
from parity.inputs import floats, ints

X = floats(2, 3, 4)
M = floats(3, 4)

CASES = [
    *table(
        "shape",
        """
        x.reshape(6, 4)
        x.reshape((4, 6))
        x.reshape([2, 12])
        x.reshape(-1)
        x.reshape(2, -1)
        x.reshape(1, 2, 1, 12)
        x.reshape(shape=(3, 8))
        torch.reshape(x, (8, 3))
        torch.reshape(x, (-1,))
        torch.reshape(input=x, shape=(2, 3, 4))
        x.view(6, 4)
        x.view(-1)
        x.view((2, 12))
        x.view(x.shape)
        x.view(2, -1, 2)
        x.view_as(x)
        x[0].view(2, 6)
        x.transpose(0, 1).reshape(-1)
        x.transpose(0, 1).reshape(3, 8)
        x.permute(2, 0, 1).view(4, 2, 3)
        x.transpose(1, 2).contiguous().view(-1)
        x[:, :2].reshape(-1)
        x[:, :, :2].view(2, 3, 2, 1)
        x.flatten()
        x.flatten(1)
        x.flatten(0, 1)
        x.flatten(start_dim=1, end_dim=2)
        x.flatten(-2)
        torch.flatten(x)
        torch.flatten(x, 1)
        torch.flatten(x, start_dim=1)
        x[0].t().flatten()
        s.flatten()
        x.unflatten(2, (2, 2))
        x.unflatten(-1, (-1, 2))
        torch.unflatten(x, 1, (3, 1))
        x.unflatten(dim=0, sizes=(1, 2))
        m.t()
        torch.t(m)
        m.T
        m.mT
        x.mT
        x[0, 0].t()
        x[0, 0].T
        x.transpose(0, 1)
        x.transpose(-1, -2)
        x.transpose(dim0=0, dim1=2)
        torch.transpose(x, 1, 2)
        x.transpose(1, 1)
        x.permute(2, 0, 1)
        x.permute((1, 0, 2))
        x.permute(-1, 0, 1)
        x.permute(dims=(0, 2, 1))
        torch.permute(x, (2, 1, 0))
        x.movedim(0, -1)
        x.movedim(2, 0)
        torch.movedim(x, 1, 2)
        torch.movedim(x, (0, 1), (2, 0))
        x.unsqueeze(0)
        x.unsqueeze(1)
        x.unsqueeze(-1)
        x.unsqueeze(dim=-2)
        torch.unsqueeze(x, 3)
        s.unsqueeze(0)
        x.squeeze()
        o.squeeze()
        o.squeeze(0)
        o.squeeze(1)
        o.squeeze(-1)
        o.squeeze((0, 2))
        o.squeeze(dim=2)
        torch.squeeze(o)
        torch.squeeze(o, 0)
        torch.squeeze(o, dim=1)
        s.squeeze()
        s.squeeze(0)
        """,
        x=X,
        m=M,
        s=floats(),
        o=floats(1, 3, 1, 2),
    ),
    *table(
        "shape",
        """
        c.expand(2, 3, 4)
        c.expand(-1, 4)
        c.expand((3, 4))
        c.expand(size=(3, 2))
        c.expand(5, -1, -1)
        c.expand_as(m)
        c.broadcast_to((2, 3, 4))
        torch.broadcast_to(c, (3, 4))
        torch.broadcast_to(c, size=(3, 4))
        s.expand(2, 3)
        c.expand(3, 4).contiguous()
        c.expand(3, 4).sum(1)
        m.repeat(2, 1)
        m.repeat(2, 3, 1)
        m.repeat((1, 2))
        c.repeat(1, 0)
        s.repeat(3)
        m.split(2)
        m.split(1, 1)
        m.split([1, 2])
        m.split([1, 3], dim=1)
        m.split(5)
        torch.split(m, 2, dim=1)
        torch.split(m, [2, 1])
        torch.split(m, split_size_or_sections=2)
        m.chunk(2)
        m.chunk(3, 1)
        m.chunk(chunks=2, dim=1)
        torch.chunk(m, 2, dim=-1)
        m.chunk(5)
        a, b, c = m.unbind(); (a, b, c)
        m.unbind(1)
        torch.unbind(m, dim=0)
        a, b, c = m; (a, b, c)
        m.narrow(0, 1, 2)
        m.narrow(1, 0, 3)
        torch.narrow(m, 1, 2, 2)
        m.narrow(dim=0, start=0, length=1)
        m.narrow(0, -1, 1)
        m.select(0, 1)
        m.select(1, -1)
        torch.select(m, 0, 2)
        m.flip(0)
        m.flip(0, 1)
        m.flip((0, 1))
        m.flip(-1)
        torch.flip(m, dims=(1,))
        torch.flip(m, (0,))
        m.tril()
        m.triu()
        m.tril(-1)
        m.triu(1)
        torch.tril(m, diagonal=1)
        torch.triu(m, diagonal=-1)
        torch.tril(torch.ones(3, 3))
        torch.tril(torch.ones(4, 4)) == 0
        x.tril()
        n.tril()
        """,
        m=M,
        x=X,
        c=floats(3, 1),
        s=floats(),
        n=ints(3, 3),
    ),
    *table(
        "shape",
        """
        torch.cat([m, m])
        torch.cat((m, k), 0)
        torch.cat([m, m], dim=1)
        torch.cat([m, m], dim=-1)
        torch.cat(tensors=[m, k], dim=0)
        torch.cat([m])
        torch.cat([m, torch.zeros(0)])
        torch.cat([torch.zeros(0), torch.zeros(0)])
        torch.cat([m, d])
        torch.cat([m, n])
        torch.cat([m.t(), m.t()])
        torch.cat([m, m.detach()], 1)
        torch.cat([torch.zeros(0, 4), m])
        torch.stack([m, m])
        torch.stack((m, m), 1)
        torch.stack([m, m], dim=-1)
        torch.stack([m, m], dim=2)
        torch.stack([s, s, s])
        torch.stack([m])
        torch.stack([m, d])
        torch.stack([row for row in m])
        torch.stack([m[0], m[1] * 2], dim=1)
        torch.concat([m, m])
        torch.concatenate([m, m], 1)
        torch.vstack([m, m])
        """,
        m=M,
        k=floats(1, 4),
        d=floats(3, 4, dtype="float64"),
        n=ints(3, 4),
        s=floats(),
    ),
    *table(
        "shape",
        """
        x.reshape_as(torch.zeros(4, 6))
        x.ravel()
        torch.ravel(x)
        x.transpose(0, 1).ravel()
        s.ravel()
        x.swapaxes(0, 1)
        x.swapdims(0, 1)
        torch.swapdims(x, dim0=0, dim1=-1)
        x.moveaxis(0, 2)
        torch.moveaxis(x, source=0, destination=1)
        m.H
        m.mH
        x.mH
        x.T.shape
        torch.broadcast_tensors(m, m[0], s)
        torch.broadcast_tensors(m)
        a, b = torch.broadcast_tensors(m[:, :1], m[:1]); (a, b)
        torch.broadcast_shapes((3, 1), (1, 4))
        torch.broadcast_shapes((2, 1, 3), (3,), ())
        torch.broadcast_shapes()
        torch.hstack([m, m])
        torch.hstack([m[0], m[1]])
        torch.hstack((s, s))
        torch.vstack([m, m[0]])
        torch.vstack([s, s])
        torch.cat([m, m], axis=1)
        torch.stack([m, m], axis=0)
        m.unsqueeze(axis=0)
        torch.squeeze(m[None], axis=0)
        m.squeeze(())
        m.squeeze([0])
        m.flatten(0, 0)
        m[0].flatten()
        m.unbind(axis=1)
        m.chunk(2, axis=1)
        m.select(axis=0, index=1)
        """,
        x=X,
        m=M,
        s=floats(),
    ),
    *table(
        "shape",
        """
        m.tile(2)
        m.tile(2, 1)
        m.tile((2, 1, 2))
        torch.tile(m, (2,))
        torch.tile(m, dims=(1, 2))
        s.tile(3)
        m.repeat_interleave(2)
        m.repeat_interleave(2, 0)
        m.repeat_interleave(3, dim=1)
        m.repeat_interleave(torch.tensor([1, 0, 2]), 0)
        m.repeat_interleave(torch.tensor([1, 2, 0, 1]), dim=1, output_size=4)
        m.repeat_interleave(torch.tensor(2), 1)
        m.repeat_interleave(0, 0)
        m.t().repeat_interleave(2, 0)
        s.repeat_interleave(3)
        torch.repeat_interleave(m, 2, dim=-1)
        torch.repeat_interleave(m, repeats=2)
        torch.repeat_interleave(torch.tensor([1, 2, 0]))
        m.repeat_interleave(2, axis=1)
        torch.meshgrid(m[0], m[1][:3], indexing="ij")
        torch.meshgrid(m[0], m[1][:3], indexing="xy")
        torch.meshgrid([m[0], m[1]], indexing="ij")
        a, b = torch.meshgrid(torch.arange(2), torch.arange(3), indexing="ij"); a * 3 + b
        torch.meshgrid(s, m[0], indexing="ij")
        torch.meshgrid(m[0], indexing="xy")
        torch.meshgrid(m[0], m[1], m[2], indexing="xy")
        x.roll(1)
        x.roll(-13)
        x.roll(1, 0)
        x.roll(shifts=2, dims=-1)
        x.roll((1, 2), (0, 2))
        torch.roll(x, (1, -1), dims=(1, 1))
        torch.roll(x, 1, ())
        s.roll(1)
        m.diagonal()
        m.diagonal(1)
        m.diagonal(-2)
        m.diagonal(9)
        x.diagonal(0, 1, 2)
        x.diagonal(dim1=0, dim2=2)
        x.diagonal(offset=1, dim1=-1, dim2=0)
        torch.diagonal(m, offset=-1)
        m.t().diagonal()
        m.diag()
        m.diag(1)
        m[0].diag()
        m[0].diag(-1)
        torch.diag(m[0], diagonal=2)
        torch.diag(torch.ones(3))
        m.diag_embed()
        m.diag_embed(1)
        torch.diag_embed(m, offset=-1, dim1=0, dim2=2).contiguous()
        torch.diag_embed(m[0], dim1=0, dim2=1)
        m.unfold(1, 2, 1)
        m.unfold(0, 2, 1)
        m.unfold(1, 2, 2)
        m.unfold(-1, 4, 1)
        m.unfold(dimension=1, size=3, step=2)
        x.unfold(1, 2, 1).unfold(2, 2, 2)
        m.t().unfold(0, 3, 1)
        x.tril(-1)
        x.triu(1)
        m.bool().tril()
        n.triu()
        m.t().tril()
        m.tril(9)
        m.triu(-9)
        torch.tril_indices(3, 3)
        torch.tril_indices(3, 4, 1)
        torch.triu_indices(row=3, col=2, offset=-1)
        torch.triu_indices(3, 3, dtype=torch.int32)
        i = torch.triu_indices(3, 3, 1); m[i[0], i[1]]
        """,
        m=M,
        x=X,
        s=floats(),
        n=ints(3, 3),
    ),
    *table(
        "shape",
        """
        z.$f
        """,
        f="""
            reshape(-1); reshape(3, 0); view(0); flatten(); t(); unsqueeze(0); squeeze(); sum(0); split(1)
            chunk(2); unbind(); flip(0); tril(); expand(0, 3); repeat(2, 1); transpose(0, 1); clone()
        """,
        z=floats(0, 3),
    ),
    *table(
        "shape",
        """
        y = x.view(-1); y[0] = 9; x
        y = x.transpose(0, 1); y[0, 1] = 9; x
        y = x.reshape(6, 4); y.zero_(); x
        y = x.transpose(0, 1).reshape(-1); y.zero_(); x
        y = x.flatten(1); y.add_(1); x
        y = x.contiguous(); y.add_(1); x
        y = x.clone(); y.add_(1); x
        y = x.detach(); y.add_(1); x
        y = x.unsqueeze(0).squeeze(0); y.mul_(2); x
        y = x.float(); y.mul_(2); x
        y = x.double(); y.mul_(2); x
        y = x.expand(2, 2, 3, 4); y[0].clone().zero_(); x
        for_all = [y.fill_(3) for y in x.unbind(1)]; x
        for_all = [y.neg_() for y in x.split(1)]; x
        y = x.narrow(1, 0, 2); y.zero_(); x
        y = x[1:]; y += 1; x
        y = x[:, 0]; y *= 0; x
        y = x[[0, 1]]; y *= 0; x
        y = x[x > 0]; y *= 0; x
        y = x.numpy(); y[0] = 7; x
        y = x.permute(2, 0, 1)[1]; y.fill_(5); x
        y = torch.tensor(x.numpy()); y.zero_(); x
        y = torch.from_numpy(x.numpy()); y.zero_(); x
        y = x.flip(0); y.zero_(); x
        y = x.tril(); y.zero_(); x
        y = x[0].diagonal(); y.zero_(); x
        y = x.unfold(1, 1, 2); y.zero_(); x
        y = x.unfold(1, 2, 1); y.add_(1); x
        y = x.roll(0); y.zero_(); x
        y = x.ravel(); y.zero_(); x
        y = x[0].diag(); y.zero_(); x
        y = x.tril_(); y is x, x
        y = x.triu_(1); x
        torch.broadcast_tensors(x)[0].zero_(); x
        y = x.movedim(0, 2); y.zero_(); x
        y = x.mT; y.zero_(); x
        """,
        x=X,
        grad=False,
    ),
    *table(
        "shape",
        """
        x.reshape(5, 5)
        x.reshape(-1, -1)
        x.reshape(-1, 7)
        x.reshape(-2, 12)
        x.view(5, 5)
        x.transpose(0, 1).view(-1)
        x.transpose(1, 2).view(2, 12)
        x[:, :, :2].view(-1)
        x.permute(0, 1)
        x.permute(0, 0, 1)
        x.permute(0, 1, 3)
        x.transpose(0, 3)
        x.transpose(-4, 0)
        x.transpose(0)
        x.t()
        x.flatten(2, 1)
        x.flatten(3)
        x.unflatten(1, (2, 2))
        x.unflatten(5, (2, 2))
        x.unsqueeze(4)
        x.unsqueeze(-5)
        x.squeeze(3)
        x.expand(3, 3, 4)
        x.expand(4)
        x.expand(-1, 2, 3, 4)
        x.repeat(2)
        x.split([1, 2])
        x.split(-1)
        x.split(0)
        x.split(2, 3)
        x.chunk(0)
        x.chunk(2, 3)
        x.unbind(3)
        x.narrow(0, 1, 2)
        x.narrow(0, 3, 1)
        x.narrow(0, 0, -1)
        x.narrow(3, 0, 1)
        x.select(0, 2)
        x.select(3, 0)
        x.flip(3)
        x.flip((0, 0))
        x.movedim(0, 3)
        s.tril()
        x[0, 0].tril()
        torch.cat([])
        torch.cat([x, y])
        torch.cat([x, x], 3)
        torch.cat([s, s])
        torch.cat(x, x)
        torch.cat([x, 1])
        torch.cat([x, x[0]])
        torch.stack([])
        torch.stack([x, y])
        torch.stack([x, x], 4)
        torch.stack([x, 1])
        s.unbind()
        x.reshape_as(torch.zeros(7))
        x.H
        x[0, 0].H
        x[0, 0].mH
        x.moveaxis(0, 3)
        torch.broadcast_shapes((3,), (4,))
        torch.broadcast_tensors(x, y)
        torch.broadcast_tensors([x, x])
        x.tile(-1)
        x.repeat(-1, 1, 1)
        x.repeat_interleave(-1, 0)
        x.repeat_interleave(2, 7)
        x.repeat_interleave(torch.tensor([1, 2, 3]), 0)
        torch.hstack([x, x[0, 0]])
        torch.cat(x)
        x.roll((1, 2), 0)
        x.roll((1, 2))
        x.roll(1, 9)
        torch.roll(x, 1, dims=(0, 1))
        x.diagonal(0, 1, 1)
        x.diagonal(0, 0, 5)
        x[0, 0].diagonal()
        x.diag()
        s.diag()
        s.diag_embed()
        x.diag_embed(0, 0, 0)
        x.unfold(1, 5, 1)
        x.unfold(1, 2, 0)
        x.unfold(1, -1, 1)
        x.unfold(5, 1, 1)
        torch.meshgrid(x[0, 0], x, indexing="ij")
        torch.meshgrid(x[0, 0], x[0, 1], indexing="yx")
        x.split(1, axis=0)
        a, b = x[0]; a
        x[0, 0].mT
        x.reshape("2")
        x.view(2.0, 12)
        """,
        raises=True,
        x=X,
        y=floats(2, 3, 5),
        s=floats(),
    ),
]
