"""Can a network learn to read handwriting from examples alone?

Backpropagation finds hidden features that nobody designed. David Rumelhart, Geoffrey Hinton and Ronald
Williams made this widely known with a letter to Nature in 1986; handwritten digits became one of its
first real uses (LeCun and others, 1989). Here 64 grey levels go through 32 hidden neurons to 10 scores,
one for each digit.

    D. E. Rumelhart, G. E. Hinton, R. J. Williams, "Learning representations by back-propagating errors",
    Nature 323, 533-536, 1986. doi:10.1038/323533a0
    Y. LeCun et al., "Backpropagation applied to handwritten zip code recognition", Neural Computation
    1(4), 541-551, 1989. doi:10.1162/neco.1989.1.4.541

Width, rate, weight decay and epochs were chosen by cross-validation inside the 150 training images (`python
tools/choose_mlp_digits.py` prints the scores): the best with 32 hidden neurons, as twice as many score no better than
chance explains. The 47 test images had no part in it.
"""

import tinytorch as torch
from tinytorch import nn
from tinytorch.datasets import load_tinydigits
from tinytorch.milestones import Run, at_least, milestone, wilson_interval
from tinytorch.utils.data import DataLoader, TensorDataset


def as_tensors(images, labels):
    """Grey levels 0 to 16 become numbers 0 to 1, each image one row of 64."""
    return torch.tensor(images / 16.0, dtype=torch.float32).flatten(1), torch.tensor(labels)


def train(run, x, y, hidden, learning_rate, weight_decay, batch_size):
    """Returns the trained network and its mean loss in each epoch."""
    net = nn.Sequential(nn.Linear(64, hidden), nn.ReLU(), nn.Linear(hidden, 10))
    loader = DataLoader(TensorDataset(x, y), batch_size=batch_size, shuffle=True)
    loss_function = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(net.parameters(), lr=learning_rate, weight_decay=weight_decay)
    losses = []
    for epoch in range(1, run.epochs + 1):
        total = 0.0
        for batch_x, batch_y in loader:
            loss = loss_function(net(batch_x), batch_y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch_y)
        losses.append(total / len(y))
        run.progress(epoch, loss=losses[-1])
    return net, losses


@milestone(
    year=1986,
    people="David Rumelhart, Geoffrey Hinton, Ronald Williams",
    idea="Errors flow backwards, and hidden neurons find features of their own.",
    data="TinyDigits: 150 handwritten digits to learn from, 47 to be tested on",
    source="Rumelhart, Hinton & Williams (1986), Nature 323:533-536, doi:10.1038/323533a0",
    epochs=60,
    gates={"accuracy on the 47 test images": at_least(0.85, percent=True)},
)
def mlp_digits(
    run: Run, hidden: int = 32, learning_rate: float = 0.01, weight_decay: float = 0.01, batch_size: int = 30
) -> None:
    torch.manual_seed(run.seed)
    train_images, train_labels = load_tinydigits("train", return_X_y=True)
    test_images, test_labels = load_tinydigits("test", return_X_y=True)
    first = [list(train_labels).index(digit) for digit in range(10)]
    run.images(f"Ten of the {len(train_images)} training images", train_images[first], range(10))

    x, y = as_tensors(train_images, train_labels)
    net, losses = train(run, x, y, hidden, learning_rate, weight_decay, batch_size)
    test_x, test_y = as_tensors(test_images, test_labels)
    with torch.no_grad():
        predicted = net(test_x).argmax(dim=1)
    correct = (predicted == test_y).sum().item()
    low, high = wilson_interval(correct, len(test_y))

    run.curve("Loss on the training images", {"loss": losses}, "epoch", "loss")
    run.say(f"""{correct} of {len(test_y)} test images are right: {correct / len(test_y):.1%}. So few images
        leave much room: by the 95% Wilson interval, the true accuracy may lie anywhere from {low:.0%} to
        {high:.0%}.""")
    wrong = [i for i in range(len(test_y)) if predicted[i].item() != test_labels[i]]
    run.images("What it got wrong (what it is → what the network said)", test_images[wrong],
               [f"{test_labels[i]} → {predicted[i].item()}" for i in wrong])
    run.keep(net)
    run.metric("loss in the last epoch", losses[-1] if losses else float("nan"))
    run.metric("test images right", correct)
    run.metric("interval, low", low)
    run.metric("interval, high", high)
    run.gate("accuracy on the 47 test images", correct / len(test_y))


if __name__ == "__main__":
    mlp_digits.main()
