"""Why can't a single neuron compute "one or the other, but not both"?

Because no straight line separates the two answers. Marvin Minsky and Seymour Papert's "Perceptrons"
(1969) proved what a single layer of limited features can and cannot decide; XOR is the smallest case of
parity, one of their examples. They knew well that a second layer represents XOR: any truth table can be
wired by hand, as McCulloch and Pitts had shown in 1943. What nobody had was a dependable way to train the
layer in between. The authors called it their "intuitive judgment" that many layers would be sterile, and
an important research problem to elucidate "(or reject)" it (section 13.2). How far the book caused the
lean years that followed is still debated.

    M. Minsky and S. Papert, "Perceptrons: An Introduction to Computational Geometry", MIT Press, 1969
    M. Olazaran, "A sociological study of the official history of the perceptrons controversy", Social
    Studies of Science 26(3), 611-659, 1996. doi:10.1177/030631296026003005

Each start is one neuron with random weights of its own; a layer with many outputs trains them all at
once, since no neuron sees another. The same starts learn AND and OR with the same code, so it is not the
training that fails.
"""

import tinytorch as torch
from tinytorch import nn
from tinytorch.milestones import Run, at_most, equals, milestone

CORNERS = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
TASKS = {"AND": [0.0, 0.0, 0.0, 1.0], "OR": [0.0, 1.0, 1.0, 1.0], "XOR": [0.0, 1.0, 1.0, 0.0]}


def train(run, task, starts, learning_rate):
    """Gradient descent on all starts at once: the best accuracy of each at any moment, and its last one."""
    torch.manual_seed(run.seed)  # the same starts for every task
    neurons = nn.Linear(2, starts)
    nn.init.normal_(neurons.weight, 0.0, 2.0)
    nn.init.normal_(neurons.bias, 0.0, 2.0)
    target = torch.tensor(TASKS[task]).unsqueeze(1).expand(4, starts)
    loss_function = nn.BCEWithLogitsLoss(reduction="sum")
    optimizer = torch.optim.SGD(neurons.parameters(), lr=learning_rate)
    best = torch.zeros(starts)
    for epoch in range(run.epochs + 1):  # one look more than steps: the start itself counts too
        logits = neurons(CORNERS)  # (4, starts)
        last = ((logits > 0) == (target > 0.5)).float().mean(dim=0)
        best = torch.maximum(best, last)
        if epoch < run.epochs:
            optimizer.zero_grad()
            loss_function(logits, target).backward()
            optimizer.step()
            if task == "XOR":
                run.progress(epoch + 1, best_of_all=best.max().item())
    return best, last


def truth_tables(samples):
    """Which of the 16 truth tables of two inputs does some random neuron compute?"""
    fires = torch.cat([CORNERS, torch.ones(4, 1)], dim=1) @ torch.randn(3, samples) > 0  # (4, samples)
    codes = (fires.long() * torch.tensor([[8], [4], [2], [1]])).sum(dim=0)
    return {code for code in range(16) if (codes == code).any().item()}


@milestone(
    year=1969,
    people="Marvin Minsky, Seymour Papert",
    idea="One neuron draws one straight line, and no line separates XOR.",
    data="the four corners of a square",
    source="Minsky & Papert (1969), Perceptrons, MIT Press",
    epochs=300,
    gates={
        "XOR, best start at its best moment": at_most(0.75, percent=True),
        "AND, worst start after training": equals(1, percent=True),
        "OR, worst start after training": equals(1, percent=True),
        "truth tables that lines can draw": equals(14),
    },
)
def xor_crisis(run: Run, starts: int = 1000, learning_rate: float = 1.0, samples: int = 100_000) -> None:
    run.say("A neuron that computes XOR would need all this of its weights w1 and w2 and its bias b:")
    run.table("", ["input", "XOR", "therefore"], [
        ["0 0", 0, "          b <= 0"],
        ["0 1", 1, "     w2 + b >  0"],
        ["1 0", 1, "w1      + b >  0"],
        ["1 1", 0, "w1 + w2 + b <= 0"],
    ])
    run.say("""The second and third lines add up to w1 + w2 + 2b > 0, the first and last to w1 + w2 + 2b <= 0.
        No number is both, so there are no such weights. Training looks for them all the same:""")

    scores = {task: train(run, task, starts, learning_rate) for task in TASKS}
    rows = [[task, f"{best.max().item():.0%}", f"{last.min().item():.0%}"]
            for task, (best, last) in scores.items()]
    run.table(f"{starts} neurons, each from a random start",
              ["task", "best at any moment", "worst at the end"], rows)

    found = truth_tables(samples)
    squares = [[[code >> 2 & 1, code & 1], [code >> 3 & 1, code >> 1 & 1]] for code in range(16)]
    run.say(f"""Of the 16 truth tables of two inputs, {len(found)} occur among {samples:,} random lines.
        Each square shows where a table is 1; the input 0 0 is at the bottom left.""")
    run.images("The 16 truth tables (filled: 1; input 0 0 at the bottom left)", squares,
               ["found" if code in found else "NEVER" for code in range(16)])

    run.gate("XOR, best start at its best moment", scores["XOR"][0].max().item())
    run.gate("AND, worst start after training", scores["AND"][1].min().item())
    run.gate("OR, worst start after training", scores["OR"][1].min().item())
    run.gate("truth tables that lines can draw", len(found))


if __name__ == "__main__":
    xor_crisis.main()
