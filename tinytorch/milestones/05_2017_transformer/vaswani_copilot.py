"""Can a network write a function that it never saw, from the function's name alone?

Attention looks back at every piece of text before it writes the next one (Ashish Vaswani and seven colleagues, 2017).
Trained on public code, such networks complete programs: Codex, and GitHub Copilot, which stands on it, came in 2021.
Mark Chen and colleagues judged Codex not by how its code looks, but by what it does when it is run; so do we. This one
reads `def add_3_then_times_7(x):` and writes the body. Of each operation, one number is kept out of all training: if
that is 3 for "add", the network has seen 3 with other operations, and "add" with other numbers, but has to find out by
itself that 3 goes where the number of "add" goes. It learns to look there, as the picture of its attention shows.

    A. Vaswani et al., "Attention is all you need", NeurIPS 2017. arXiv:1706.03762
    M. Chen et al., "Evaluating large language models trained on code", 2021. arXiv:2107.03374

What it writes is not trusted: a small interpreter does what the code says, and refuses most of Python
(tinytorch/milestones/restricted.py). The settings were chosen by the functions that other seeds, from 1000 on, hold out
(`python tools/choose_vaswani_copilot.py` prints the scores).
"""

import re
from itertools import product

import numpy as np

import tinytorch as torch
from tinytorch.milestones import Run, at_least, equals, milestone, patterns
from tinytorch.models import GPT, NGram
from tinytorch.models.baselines import IGNORE, exact
from tinytorch.nn import functional as F
from tinytorch.text import Vocabulary, padded
from tinytorch.utils.data import DataLoader, TensorDataset

STEPS = {"add": ("+ {}", lambda n, x: x + n), "subtract": ("- {}", lambda n, x: x - n),
         "times": ("* {}", lambda n, x: x * n)}
TESTS = {"above": ("> {}", lambda n, x: x > n), "below": ("< {}", lambda n, x: x < n),
         "multiple_of": ("% {} == 0", lambda n, x: x % n == 0)}
NUMBERS, LETTERS = range(2, 10), [*"kmnxyz"]
PATTERNS = {  # a signature; its body; and, told without the body, what it means: s and t are steps, q is a test
    "{s}({x})": ("return {x} {s}", lambda s, x: s(x)),
    "is_{q}({x})": ("return {x} {q}", lambda q, x: q(x)),
    "{s}_then_{t}({x})": ("result = {x} {s}\nreturn result {t}", lambda s, t, x: t(s(x))),
    "{s}_if_{q}({x})": ("if {x} {q}:\n    return {x} {s}\nreturn {x}", lambda s, q, x: s(x) if q(x) else x),
    "{s}_for_each({x}s)": ("return [{x} {s} for {x} in {x}s]", lambda s, xs: [s(x) for x in xs]),
    "keep_{q}({x}s)": ("return [{x} for {x} in {x}s if {x} {q}]", lambda q, xs: list(filter(q, xs))),
    "count_{q}({x}s)": ("return len([{x} for {x} in {x}s if {x} {q}])", lambda q, xs: sum(map(q, xs))),
    "larger_then_{s}({x}, {y})": ("result = max({x}, {y})\nreturn result {s}", lambda s, x, y: s(sorted([x, y])[1])),
    "sum_is_{q}({x}, {y})": ("result = {x} + {y}\nreturn result {q}", lambda q, x, y: q(sum([x, y])))}
PIECES, END = re.compile(r" ?[-+*%<>=]+ | ?(?:def|return|if|for|in) | {4}|, |[a-z]+|\d|.|\n"), Vocabulary.PAD


def draw(seed, copies, most):
    """Functions to learn from, `copies` of each pattern, and others, up to `most` of each pattern, by what is new."""
    rng = np.random.default_rng(seed)
    apart = {*zip([*STEPS, *TESTS], rng.permutation(NUMBERS).tolist())}  # such as ("add", 7): never in training
    known, combined, numbered = [], [], []
    for signature, pattern in PATTERNS.items():
        options = [product(TESTS if place == "q" else STEPS, NUMBERS) for place in patterns.places(signature)]
        choices = sorted(product(*options), key=lambda chosen: rng.random())
        new, old = ([c for c in choices if bool(apart & {*c}) is is_new] for is_new in (True, False))
        held = min(most, len(old) // 4)
        again = [old[held + i % (len(old) - held)] for i in range(copies)]
        for functions, some in (known, again), (combined, old[:held]), (numbered, new[:most]):
            functions += [patterns.write(signature, *pattern, STEPS | TESTS, c, rng.permutation(LETTERS)) for c in some]
    return known, {"combination": combined, "number": numbered}


def arrays(functions, vocabulary):
    """Pieces to read (functions, time), and the piece due after each; IGNORE where it is not one of the body."""
    read, due = [], []
    for function in functions:
        prompt, body = (vocabulary.encode(PIECES.findall(text)) for text in function[:2])
        read.append(prompt + body)
        due.append([IGNORE] * (len(prompt) - 1) + body + [END])
    return padded(read, END), padded(due, IGNORE)


def train(run, model, read, due, learning_rate, weight_decay, batch_size):
    """Returns the loss of each step."""
    loader = DataLoader(TensorDataset(torch.tensor(read), torch.tensor(due)), batch_size=batch_size, shuffle=True)
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate, weight_decay=weight_decay, betas=(0.9, 0.98))
    losses, steps = [], run.epochs * len(loader)
    scheduler = torch.optim.lr_scheduler.LambdaLR(  # 30 steps up, the others down
        optimizer, lambda step: min((step + 1) / 30, 1.02 - step / max(1, steps)))
    for x, y in (batch for _ in range(run.epochs) for batch in loader):
        loss = F.cross_entropy(model(x).flatten(0, 1), y.flatten(), ignore_index=IGNORE)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        losses.append(loss.item())
        run.progress(len(losses), steps, "step", loss=losses[-1])
    return losses


@torch.no_grad()
def complete(model, vocabulary, prompts):
    """The bodies that the model writes, always the likeliest piece: each prompt grows at its own end."""
    lines = [vocabulary.encode(PIECES.findall(prompt)) for prompt in prompts]
    while max(map(len, lines)) < model.context:
        likeliest = model(torch.tensor(padded(lines, END))).argmax(dim=-1).tolist()
        lines = [[*line, END if line[-1] == END else row[len(line) - 1]] for line, row in zip(lines, likeliest)]
    return ["".join(vocabulary.decode(line))[len(prompt):] for line, prompt in zip(lines, prompts)]


@milestone(
    year=2017, people="Ashish Vaswani and seven others; Mark Chen and others",
    idea="Attention finds in a function's name what its body needs.",
    data="small Python functions in nine patterns, named for what they do; some are held out",
    source="Vaswani et al. (2017), arXiv:1706.03762; Chen et al. (2021), arXiv:2107.03374",
    epochs=4, gates={
        "completions that Python can parse": at_least(0.9, percent=True),
        "right, of new combinations": at_least(0.95, percent=True),
        "right, of new numbers": at_least(0.9, percent=True),
        "held-out names that were in training": equals(0)},
)
def vaswani_copilot(run: Run, copies: int = 160, most: int = 6, width: int = 48, heads: int = 2, layers: int = 2,
                    learning_rate: float = 0.008, weight_decay: float = 1.0, batch_size: int = 16) -> None:
    torch.manual_seed(run.seed)
    known, held_out = draw(run.seed, copies, most)
    vocabulary = Vocabulary(piece for f in known for piece in PIECES.findall(f.prompt + f.body))
    read, due = arrays(known, vocabulary)
    model = GPT(len(vocabulary), read.shape[1], width, heads, layers)
    losses = train(run, model, read, due, learning_rate, weight_decay, batch_size)
    run.curve("Loss of a piece of a body", {"loss": losses}, "step", "loss")

    ngram = NGram(len(vocabulary), run.seed)
    ngram.fit((read, due))
    shares, parsed, remembered, taught = [], [], [], {f.prompt.partition("(")[0] for f in known}
    for what, functions in held_out.items():
        bodies = complete(model, vocabulary, [f.prompt for f in functions])
        right = [f.is_done_by(body) for f, body in zip(functions, bodies)]
        asked = arrays(functions, vocabulary)
        shares.append((what, len(right), f"{np.mean(right):.0%}", f"{exact(ngram.scores(asked), asked[1]).mean():.0%}"))
        parsed += [f.parses_with(body) for f, body in zip(functions, bodies)]
        remembered += [f.prompt.partition("(")[0] in taught for f in functions]
        samples = [(f.prompt, body, "yes" if ok else "no") for f, body, ok in zip(functions, bodies, right)]
        run.gate(f"right, of new {what}s", np.mean(right))
    run.table("Held-out functions done right", ["what is new", "functions", "GPT", "n-gram"], shares)
    run.say("""A new number is one that its operation never has in training; a new combination is one of operations and
        numbers that are known together, but not in this pattern, or not with that other operation.""")
    run.table("Completions", ["asked", "written", "right"], samples[::most])
    prompt, body = (PIECES.findall(text) for text in functions[2 * most][:2])
    names = [[repr(piece)[1:-1].strip() or "indent" for piece in pieces] for pieces in (body, prompt)]
    maps = model.attention_maps(torch.tensor([vocabulary.encode(prompt + body)]))[-1][0].detach().numpy()
    run.heatmaps("Where the last layer looks for each piece of a right body",  # chosen one place before its own
                 {f"head {i}": each[len(prompt) - 1:-1, :len(prompt)] for i, each in enumerate(maps, start=1)},
                 *names, "piece of the prompt", "piece of the body")
    run.keep(model, vocabulary=vocabulary.pieces[1:], heads=heads)
    run.metric("loss in the last step", losses[-1] if losses else float("nan"))
    run.gate("completions that Python can parse", np.mean(parsed))
    run.gate("held-out names that were in training", sum(remembered))


if __name__ == "__main__":
    vaswani_copilot.main()
