"""What does a hidden layer change?

It moves the points before the line is drawn. Eight hidden neurons each bend the plane a little, and in
the space of their answers a straight cut separates XOR. That such a net exists was never in doubt (see
xor_crisis). That it finds its hidden features by itself, following a gradient backwards through them, is
what David Rumelhart, Geoffrey Hinton and Ronald Williams showed in 1986, with XOR among their first
examples. The idea has older roots: Seppo Linnainmaa published the chain rule run backwards in 1970, Paul
Werbos proposed it for networks by 1982.

    D. E. Rumelhart, G. E. Hinton, R. J. Williams, "Learning internal representations by error
    propagation", in Parallel Distributed Processing, vol. 1, chapter 8, 318-362, MIT Press, 1986

The number of hidden neurons was chosen on seeds 1000-1199: `python tools/choose_xor_solved.py` prints how
often nets of other widths stay stuck.
"""

import tinytorch as torch
from tinytorch import nn
from tinytorch.milestones import Run, equals, milestone, plane

CORNERS = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
XOR = torch.tensor([0.0, 1.0, 1.0, 0.0])


@milestone(
    year=1986,
    people="David Rumelhart, Geoffrey Hinton, Ronald Williams",
    idea="A hidden layer bends the plane until a line is enough.",
    data="the four corners of a square",
    source="Rumelhart, Hinton & Williams (1986), Parallel Distributed Processing 1:318-362",
    epochs=300,
    gates={"corners right, of 4": equals(4)},
)
def xor_solved(run: Run, hidden: int = 8, learning_rate: float = 0.05) -> None:
    torch.manual_seed(run.seed)
    net = nn.Sequential(nn.Linear(2, hidden), nn.Tanh(), nn.Linear(hidden, 1))
    loss_function = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)

    def probability(points):
        """How sure the net is of a 1, at each point."""
        with torch.no_grad():
            return torch.sigmoid(net(torch.tensor(points)).squeeze(1)).numpy()

    before, losses = plane(probability, -0.5, 1.5), []
    for epoch in range(1, run.epochs + 1):
        loss = loss_function(net(CORNERS).squeeze(1), XOR)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        run.progress(epoch, loss=losses[-1])

    with torch.no_grad():
        moved = net[1](net[0](CORNERS))  # (4, hidden): where the hidden layer puts the corners
        answers = torch.sigmoid(net(CORNERS).squeeze(1))  # (4,)
    run.curve("Loss", {"loss": losses}, "epoch", "loss")
    rows = zip(CORNERS.tolist(), moved.tolist(), answers.tolist(), XOR.tolist())
    run.table("Where the hidden neurons put the corners, and the answer",
              ["in", *[f"h{i + 1}" for i in range(hidden)], "out", "XOR"],
              [[f"{a:.0f} {b:.0f}", *[f"{h:+.1f}" for h in hs], f"{answer:.2f}", f"{target:.0f}"]
               for (a, b), hs, answer, target in rows])
    run.regions("The answer at every point of the plane",
                {"before training": before, "after training": plane(probability, -0.5, 1.5)}, CORNERS, XOR)
    run.keep(net)
    run.metric("distance from undecided, smallest", (answers - 0.5).abs().min().item())
    run.gate("corners right, of 4", ((answers > 0.5) == (XOR > 0.5)).sum().item())


if __name__ == "__main__":
    xor_solved.main()
