"""Can a neuron learn from its mistakes?

Frank Rosenblatt's answer: show it an example; if it answers rightly, change nothing; if wrongly, add the
example to the weights, or subtract it. No gradient, no loss. If some line separates the examples at all,
this rule of error correction finds one after finitely many mistakes, as Rosenblatt, Block and Novikoff
proved by 1962. Novikoff's proof fits a page and bounds the mistakes by (R / gamma)^2: R is the length of
the longest example and gamma the margin by which a separating line (weights of length 1) clears all of
them. The bias is the weight of an input that is always 1, so it counts in both.

    F. Rosenblatt, "The perceptron: a probabilistic model for information storage and organization in the
    brain", Psychological Review 65(6), 386-408, 1958. doi:10.1037/h0042519
    F. Rosenblatt, "Principles of Neurodynamics", Spartan Books, 1962
    H. D. Block, "The perceptron: a model for brain functioning. I", Reviews of Modern Physics 34,
    123-135, 1962. doi:10.1103/RevModPhys.34.123
    A. B. J. Novikoff, "On convergence proofs on perceptrons", Proceedings of the Symposium on the
    Mathematical Theory of Automata 12, 615-622, Polytechnic Institute of Brooklyn, 1962
"""

import tinytorch as torch
from tinytorch.milestones import Run, at_least, at_most, equals, milestone, plane


def separable_points(count, separator, margin):
    """Points (x1, x2, 1) with x1 and x2 from -1 to 1, none within the margin of the line; labels +1 or -1."""
    x = torch.cat([torch.rand(4 * count, 2) * 2 - 1, torch.ones(4 * count, 1)], dim=1)
    x = x[(x @ separator).abs() >= margin][:count]
    return x, torch.sign(x @ separator)


def one_pass(w, x, y):
    """Rosenblatt's rule over all examples, in order; returns the new weights and the number of mistakes."""
    mistakes = 0
    for example, label in zip(x, y):
        if (label * (w @ example)).item() <= 0:
            w = w + label * example
            mistakes += 1
    return w, mistakes


@milestone(
    year=1957,
    people="Frank Rosenblatt",
    idea="A neuron learns from its mistakes alone, and makes only so many.",
    data="500 points that a line separates",
    source="Rosenblatt (1958), Psychological Review 65(6):386-408, doi:10.1037/h0042519",
    epochs=200,
    gates={
        "accuracy on 1,000 held-out points": at_least(0.97, percent=True),
        "training points still wrong": equals(0),
        "mistakes, as a share of the bound": at_most(1, percent=True),
    },
)
def perceptron_trained(run: Run, points: int = 500, margin: float = 0.05) -> None:
    torch.manual_seed(run.seed)
    angle = torch.rand(1) * 6.2832
    line = torch.cat([angle.cos(), angle.sin(), torch.rand(1) * 0.6 - 0.3])  # w1, w2, bias: to be found
    separator = line / (line**2).sum().sqrt()  # of length 1, the bias included
    x, y = separable_points(points, separator, margin)
    held_out_x, held_out_y = separable_points(1000, separator, margin)

    # For any separator u of length 1, mistakes <= (R / gamma)^2 with gamma = min y (u . x) and R = max |x|.
    gamma = (y * (x @ separator)).min().item()
    radius = (x**2).sum(dim=1).sqrt().max().item()
    bound = (radius / gamma) ** 2 if gamma > 0 else float("nan")  # no separator, no promise

    def says_one(grid):
        return (torch.tensor(grid) @ w[:2] + w[2] > 0).float().numpy()

    w = torch.zeros(3)
    mistakes, first = [], {"before the first pass": plane(says_one, -1.0, 1.0)}
    for epoch in range(1, run.epochs + 1):
        w, count = one_pass(w, x, y)
        mistakes.append(count)
        run.progress(epoch, mistakes=count)
        if epoch == 1:
            first = {"after one pass": plane(says_one, -1.0, 1.0)}
        if count == 0:
            break

    wrong = (y * (x @ w) <= 0).sum().item()
    run.curve("Mistakes in each pass over the points", {"mistakes": mistakes}, "pass", "mistakes")
    run.say(f"""{sum(mistakes)} mistakes in {len(mistakes)} passes; {wrong} of {points} points still wrong.
        Novikoff's bound for them is (R / gamma)² = ({radius:.2f} / {gamma:.3f})² = {bound:.0f} mistakes.""")
    last = {"after the last pass": plane(says_one, -1.0, 1.0)}
    run.regions("What it learned", {**first, **last}, x[:, :2], y > 0)
    run.metric("mistakes", sum(mistakes))
    run.metric("passes", len(mistakes))
    run.metric("Novikoff's bound", bound)
    right = (held_out_y * (held_out_x @ w) > 0).float().mean().item()
    run.gate("accuracy on 1,000 held-out points", right)
    run.gate("training points still wrong", wrong)
    run.gate("mistakes, as a share of the bound", sum(mistakes) / bound)


if __name__ == "__main__":
    perceptron_trained.main()
