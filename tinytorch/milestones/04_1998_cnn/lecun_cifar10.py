"""Can a network that learned to read digits also tell cats from dogs, ships and trucks?

Yann LeCun and others let small filters slide over an image: a feature that helps in one place helps everywhere, so a
few weights do the work of many, and pooling makes it matter less where exactly it was. In 1998 such networks read
digits. By 2009 Alex Krizhevsky, Vinod Nair and Geoffrey Hinton had 60,000 photographs of ten kinds of things sorted
by hand, 32×32 pixels each. Here a network of LeNet's kind, three layers of filters and one of scores, learns from
50,000 of them.

    Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document recognition",
    Proceedings of the IEEE 86(11), 2278-2324, 1998. doi:10.1109/5.726791
    A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", technical report, University of Toronto,
    2009.

The rate was chosen on 1,000 images kept out of 10,000 training images (`python tools/choose_lecun_cifar10.py` prints
the scores); 24 filters and five epochs take about three minutes on one core. The test images had no part in it.
`evidence/lecun_cifar10_part.py` measures time, memory, and what 10,000 of the training images teach.
"""

import numpy as np

import tinytorch as torch
from tinytorch import nn
from tinytorch.datasets import CIFAR10
from tinytorch.milestones import Run, at_least, milestone, wilson_interval
from tinytorch.nn import functional as F

SHIFT = 2  # pixels, at most


def network(filters):
    """(N, 3, 32, 32) → (N, 10) scores. The first filters move by two pixels, as large images take the longest."""
    return nn.Sequential(
        nn.Conv2d(3, filters, 5, stride=2, padding=2), nn.ReLU(), nn.MaxPool2d(2),  # (N, filters, 8, 8)
        nn.Conv2d(filters, 2 * filters, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),  # (N, 2 filters, 4, 4)
        nn.Conv2d(2 * filters, 4 * filters, 3, padding=1), nn.ReLU(), nn.Flatten(),
        nn.Linear(4 * filters * 4 * 4, 10),
    )


def as_input(images):
    """Bytes (N, 32, 32, 3) become numbers (N, 3, 32, 32) from -2 to 2; all of them at once would take 600 MB."""
    return (images.float() / 64 - 2).permute(0, 3, 1, 2)


def varied(x):
    """A batch as it might also have been taken: each image perhaps in a mirror, and all moved by a pixel or two."""
    in_mirror = torch.rand(len(x), 1, 1, 1) < 0.5
    down, right = torch.randint(0, 2 * SHIFT + 1, (2,)).tolist()
    padded = F.pad(torch.where(in_mirror, x.flip(3), x), (SHIFT, SHIFT, SHIFT, SHIFT))
    return padded[:, :, down : down + 32, right : right + 32]


def train(run, images, labels, filters, learning_rate, weight_decay, batch_size):
    """Returns the network that learned from images (N, 32, 32, 3) uint8, and its mean loss in each epoch."""
    net = network(filters)
    images, labels = torch.tensor(images), torch.tensor(labels)
    batches = -(-len(labels) // batch_size)
    optimizer = torch.optim.AdamW(net.parameters(), lr=learning_rate, weight_decay=weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, learning_rate, max(1, run.epochs * batches))
    losses = []  # of the batches
    for epoch in run.epochs_left(network=net, optimizer=optimizer, rates=schedule, losses=losses):
        for chosen in run.batches_left(torch.randperm(len(labels)).split(batch_size)):
            loss = F.cross_entropy(net(varied(as_input(images[chosen]))), labels[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
            run.progress(len(losses), run.epochs * batches, "batch", loss=np.mean(losses[(epoch - 1) * batches :]))
    return net, np.reshape(losses, (run.epochs, batches)).mean(axis=1).tolist()


def predict(net, images):
    """The label of each image (N, 32, 32, 3) uint8, as an array (N,)."""
    with torch.no_grad():
        return np.concatenate([net(as_input(some)).argmax(dim=1).numpy() for some in torch.tensor(images).split(500)])


@milestone(
    year=1998,
    people="Yann LeCun, Léon Bottou, Yoshua Bengio, Patrick Haffner; Alex Krizhevsky (2009)",
    idea="Filters shared across the image see in colour, too: what served for digits serves for photographs.",
    data="CIFAR-10: 50,000 photographs of ten kinds of things to learn from, 10,000 to be tested on",
    source="LeCun et al. (1998), Proceedings of the IEEE 86(11):2278-2324, doi:10.1109/5.726791; Krizhevsky (2009)",
    epochs=5,
    dataset="cifar10",
    gates={"accuracy on the test images": at_least(0.60, percent=True)},
)
def lecun_cifar10(
    run: Run, filters: int = 24, learning_rate: float = 0.003, weight_decay: float = 0.01, batch_size: int = 100
) -> None:
    torch.manual_seed(run.seed)
    known = CIFAR10(split="train", from_dir=run.from_dir)
    names, count = known.classes, len(known.classes)
    first = [list(known.targets).index(label) for label in range(count)]
    run.images(f"Ten of the {len(known):,} training images", known.data[first] / 255, names)
    net, losses = train(run, known.data, known.targets, filters, learning_rate, weight_decay, batch_size)
    run.curve("Loss on the training images", {"loss": losses}, "epoch", "loss")

    unseen = CIFAR10(split="test", from_dir=run.from_dir)
    predicted, truth = predict(net, unseen.data), unseen.targets
    correct = int((predicted == truth).sum())
    low, high = wilson_interval(correct, len(truth))
    run.say(f"""{correct:,} of {len(truth):,} test images are right: {correct / len(truth):.1%}. By the 95% Wilson
        interval, the true accuracy lies between {low:.1%} and {high:.1%}; guessing would be right for 10%.""")
    pairs = (truth * count + predicted).astype(int)
    confusion = np.bincount(pairs, minlength=count * count).reshape(count, count)
    run.heatmaps("What the test images are, and what they are taken for", {"images": confusion}, names, names,
                 "what the network says", "what it is")
    share = confusion.diagonal() / confusion.sum(axis=1)
    run.bars("Test images that are right", dict(zip(names, 100 * share, strict=True)), "%")
    wrong = np.flatnonzero(predicted != truth)[:10]
    run.images("The first that it got wrong (what it is → what the network said)", unseen.data[wrong] / 255,
               [f"{names[truth[i]]} → {names[predicted[i]]}" for i in wrong])
    weights = net[0].weight.detach().numpy().transpose(0, 2, 3, 1)  # (filters, 5, 5, 3)
    brightest = np.abs(weights).max(axis=(1, 2, 3), keepdims=True)
    run.images("What the first filters look for", 0.5 + weights / brightest / 2, range(1, filters + 1))
    run.keep(net)
    run.metric("loss in the last epoch", losses[-1] if losses else float("nan"))
    run.metric("test images right", correct)
    run.metric("interval, low", low)
    run.metric("interval, high", high)
    run.gate("accuracy on the test images", correct / len(truth))


if __name__ == "__main__":
    lecun_cifar10.main()
