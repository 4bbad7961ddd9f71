"""What does one neuron compute, before it has learned anything?

A weighted sum and a threshold. Warren McCulloch and Walter Pitts described the threshold neuron in 1943,
with weights fixed by hand. Frank Rosenblatt's perceptron, proposed in a report of January 1957, made the
weights the part that changes. Here they are still random, and a random neuron knows nothing: over many
random weights, the mean accuracy is one half, whatever the data. (Turn every weight around and every
answer turns around too, so that being right and being wrong are equally likely.)

    F. Rosenblatt, "The perceptron: a probabilistic model for information storage and organization in the
    brain", Psychological Review 65(6), 386-408, 1958. doi:10.1037/h0042519
    W. S. McCulloch and W. Pitts, "A logical calculus of the ideas immanent in nervous activity", Bulletin
    of Mathematical Biophysics 5, 115-133, 1943. doi:10.1007/BF02478259
"""

import tinytorch as torch
from tinytorch.milestones import Run, at_most, equals, milestone, plane


def neuron(x, weights, bias):
    """1 where the weighted sum of the inputs is above the threshold, else 0."""
    return (x @ weights + bias > 0).float()


def neuron_by_hand(x, weights, bias):
    """The same for one point, in plain Python: multiply, add, compare."""
    total = bias
    for value, weight in zip(x, weights):
        total = total + value * weight
    return 1.0 if total > 0 else 0.0


@milestone(
    year=1957,
    people="Frank Rosenblatt",
    idea="A neuron is a weighted sum and a threshold; what it knows is in its weights.",
    data="200 random points, two classes",
    source="Rosenblatt (1958), Psychological Review 65(6):386-408, doi:10.1037/h0042519",
    gates={
        # A mean of 10,000 independent draws lies within 3.9 standard errors of its true value in 99.99% of
        # runs, so bad luck alone misses this gate about once in 10,000 seeds.
        "standard errors away from 50%": at_most(3.9),
        "answers unlike the sum by hand": equals(0),
        "shapes as expected, of 3": equals(3),
    },
)
def forward_pass(run: Run, points: int = 200, neurons: int = 10_000) -> None:
    torch.manual_seed(run.seed)
    half = points // 2
    x = torch.cat([torch.randn(half, 2) + 1.0, torch.randn(half, 2) - 1.0])  # (points, 2)
    y = torch.cat([torch.ones(half), torch.zeros(half)])  # (points,)

    # One neuron: two weights and one bias, drawn at random.
    w, b = torch.randn(2), torch.randn(1)
    answers = neuron(x, w, b)  # (points,)
    by_hand = torch.tensor([neuron_by_hand(point, w.tolist(), b.item()) for point in x.tolist()])
    one = (answers == y).float().mean().item()

    (x1, x2), (w1, w2) = x[0].tolist(), w.tolist()
    run.say(f"""One neuron, one point: {w1:.2f} × {x1:.2f} + {w2:.2f} × {x2:.2f} + {b.item():.2f} =
        {w1 * x1 + w2 * x2 + b.item():.2f}. The answer is 1 where that is above 0, so it is
        {answers[0].item():.0f}.""")
    ground = plane(lambda grid: neuron(torch.tensor(grid), w, b).numpy(), low=-4.0, high=4.0)
    run.regions(f"Its line through the plane: {one:.0%} right, by luck", {"random weights": ground}, x, y)

    # Ten thousand neurons at once: one column of weights each.
    weights, biases = torch.randn(2, neurons), torch.randn(neurons)
    everyone = neuron(x, weights, biases)  # (points, neurons)
    accuracy = (everyone == y.unsqueeze(1)).float().mean(dim=0)  # (neurons,)
    mean, standard_error = accuracy.mean(), accuracy.std() / neurons**0.5

    run.say(f"""Now {neurons:,} random neurons on the same points. Single ones range from
        {accuracy.min().item():.0%} to {accuracy.max().item():.0%} right. Their mean is {mean.item():.1%}.""")
    tenth = (accuracy * 10).floor().clamp(max=9)
    run.bars(f"How {neurons:,} random neurons score",
             {f"{10 * i:2d}-{10 * i + 10}%": (tenth == i).sum().item() for i in range(10)}, "neurons")

    shapes = [answers.shape == (points,), everyone.shape == (points, neurons), accuracy.shape == (neurons,)]
    run.metric("mean accuracy", mean.item())
    run.metric("accuracy of the first neuron", one)
    run.gate("standard errors away from 50%", ((mean - 0.5).abs() / standard_error).item())
    run.gate("answers unlike the sum by hand", (answers != by_hand).sum().item())
    run.gate("shapes as expected, of 3", sum(shapes))


if __name__ == "__main__":
    forward_pass.main()
