"""Can a network answer questions about stories that it has never read?

Attention lets each word look at all the words before it. Ashish Vaswani and seven colleagues built a translator of it
alone in 2017; Alec Radford and colleagues let one half of that, the decoder, continue texts (GPT, 2018), which is what
ChatGPT does. Here a GPT of two layers reads "Ada sings. Bao reads. What does Bao do?" and continues "Bao reads." It
must look up who does what: no two sentences of a story of the test stand together in a story that it learns from. What
its two layers do was found in large models, too: the first looks at the word before, so that the second can find what
came after a name (Olsson et al., 2022).

    A. Vaswani et al., "Attention is all you need", NeurIPS 2017. arXiv:1706.03762
    A. Radford et al., "Improving language understanding by generative pre-training", OpenAI, 2018
    C. Olsson et al., "In-context learning and induction heads", 2022. arXiv:2209.11895

The settings were chosen on 592 questions about fresh stories, made by the rules of the dataset with other seeds, and on
its validation split (`python tools/choose_vaswani_chatgpt.py` prints the scores); the test split had no part in it.
Those of the bag of words are the ones of the dataset's certificate (`evidence/talk_models.py`).
"""

import numpy as np

import tinytorch as torch
from tinytorch import nn
from tinytorch.datasets.talks import load_stories, words
from tinytorch.datasets.validate_talks import sentences
from tinytorch.milestones import Run, at_least, at_most, milestone
from tinytorch.models import GPT, BagOfWords, NGram, generate
from tinytorch.models.baselines import IGNORE, bigram_loss, exact
from tinytorch.nn import functional as F
from tinytorch.text import Vocabulary, padded

def mixed(items):
    return [items[i] for i in torch.randperm(len(items)).tolist()]


def retold(context):
    """The story in another order, which changes no answer as long as each person's sentences stay in theirs. Without
    this, the network knows the stories by heart before it has learned to look anything up."""
    told = [(sentence.split()[0], sentence) for sentence in sentences(context)]
    own = {who: iter([sentence for name, sentence in told if name == who]) for who, _ in told}
    return " ".join(next(own[who]) for who, _ in mixed(told))


def line(vocabulary, context, pairs):
    """A story and questions, each followed by its answer: the words to read, and the next word where it counts."""
    read = vocabulary.encode(words(context))
    due = [IGNORE] * len(read)
    for pair in pairs:
        question, answer = (vocabulary.encode(words(text)) for text in pair)
        read, due = read + question + answer, due + [IGNORE] * len(question) + answer
    return read[:-1], due[1:]


def arrays(lines):
    """(lines, time) words to read, and words due."""
    read, due = zip(*lines)
    return padded(read), padded(due, IGNORE)


def loss_of(model, lines):
    read, due = map(torch.tensor, arrays(lines))
    return F.cross_entropy(model(read).flatten(0, 1), due.flatten(), ignore_index=IGNORE)


def train(model, draw, epochs, batch_size, learning_rate, weight_decay, progress=lambda epoch, loss: None):
    """`draw()` gives the lines of an epoch. Returns the mean loss in each."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate, weight_decay=weight_decay, betas=(0.9, 0.98))
    steps = max(1, epochs * -(-len(draw()) // batch_size))
    scheduler = torch.optim.lr_scheduler.LambdaLR(  # 50 steps up, level, and in the last third down
        optimizer, lambda step: min(1, (step + 1) / 50, 3.05 - 3 * step / steps))
    means = []
    for epoch in range(1, epochs + 1):
        lines = sorted(mixed(draw()), key=lambda line: len(line[0]))  # lines of like length share a batch
        losses = []
        for start in mixed(range(0, len(lines), batch_size)):
            loss = loss_of(model, lines[start : start + batch_size])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            scheduler.step()
            losses.append(loss.item())
        means.append(sum(losses) / len(losses))
        progress(epoch, loss=means[-1])
    return means


def leak(model, read, vocab):
    """The largest change of any score before a word when that word is changed: 0 unless it sees the future."""
    same = torch.tensor(read).repeat(len(read), 1)  # row i is about word i
    other = torch.where(torch.eye(len(read)) > 0, same % (vocab - 1) + 1, same)
    change = (model(other) - model(same)).abs().amax(-1)  # (word changed, place)
    return change.tril(-1).max().item()


def show(run, gpt, vocabulary, stories):
    """Where each word of a question looks, and a question of each level with what it answers."""
    first = [next(story for story in stories if story.level == level) for level in range(1, 6)]
    looked = line(vocabulary, first[2].context, first[2].pairs[:1])[0][:-1]  # and the first word of the answer
    pieces, ends = vocabulary.decode(looked), vocabulary.encode([".", "!"])
    with torch.no_grad():
        maps = gpt.attention_maps(torch.tensor([looked]))
    run.heatmaps("Where each word looks", {f"layer {i}, head {j}": head.numpy() for i, layer in enumerate(maps, start=1)
                 for j, head in enumerate(layer[0], start=1)}, pieces, pieces, "word looked at", "word that looks")
    prompts = [f"{story.context} {story.pairs[0][0]}".strip() for story in first]
    said = [vocabulary.decode(generate(gpt, vocabulary.encode(words(prompt)), 8, ends)) for prompt in prompts]
    run.table("The first question of each level", ["question", "its answer", "right"],
              [[prompt, " ".join(answer), "yes" if answer == words(story.pairs[0][1]) else "no"]
               for prompt, answer, story in zip(prompts, said, first)])


@milestone(
    year=2017,
    people="Ashish Vaswani and seven others; Alec Radford and others",
    idea="Each word looks at all the words before it, and finds its answer there.",
    data="TinyTalks: 246 questions and answers to learn from, 39 to be tested on",
    source="Vaswani et al. (2017), arXiv:1706.03762; Radford et al. (2018), OpenAI",
    epochs=60,
    gates={
        "exact answers to the 30 test questions of L1 to L4": at_least(0.95, percent=True),
        "least lead over both baselines in L2, L3 and L4": at_least(0.25, percent=True),
        "most that a word changes scores before it": at_most(1e-6),
        "loss of a word held out, as a share of the bigram's": at_most(0.5),
    },
)
def vaswani_chatgpt(
    run: Run, width: int = 64, heads: int = 1, layers: int = 2, context: int = 256, dropout: float = 0.3,
    batch_size: int = 16, learning_rate: float = 0.004, weight_decay: float = 0.3,
) -> None:
    torch.manual_seed(run.seed)
    told, new = load_stories("train"), load_stories("test")
    vocabulary = Vocabulary(w for story in told for text in (story.context, *sum(story.pairs, ())) for w in words(text))
    single, asked = ([line(vocabulary, story.context, [pair]) for story in stories for pair in story.pairs]
                     for stories in (told, new))
    sizes = {"vocab": len(vocabulary), "context": context, "width": width, "heads": heads, "layers": layers}
    gpt, bag, ngram = GPT(**sizes, dropout=dropout), BagOfWords(len(vocabulary)), NGram(len(vocabulary), run.seed)
    losses = train(gpt, lambda: [line(vocabulary, retold(story.context), mixed(story.pairs)) for story in told],
                   run.epochs, batch_size, learning_rate, weight_decay, run.progress)
    train(bag, lambda: single, 50, 32, 0.01, 0.01)
    ngram.fit(arrays(single))

    gpt.eval()
    read, due = arrays(asked)
    with torch.no_grad():
        loss, change = loss_of(gpt, asked).item(), max(leak(gpt, each, len(vocabulary)) for each, _ in asked)
        scores = {"GPT": gpt(torch.tensor(read)).numpy(), "bag of words": bag(torch.tensor(read)).numpy(),
                  "n-gram": ngram.scores((read, due))}
    levels = np.array([story.level for story in new for _ in story.pairs])
    shares = {name: [exact(each, due)[levels == level].mean() for level in range(1, 6)] for name, each in scores.items()}
    bigram = bigram_loss(arrays(single), (read, due), len(vocabulary))

    run.curve("Loss of a word of an answer", {"GPT": losses, "bigram": [bigram] * len(losses)}, "epoch", "loss")
    run.table("Exact answers to questions held out", ["", "L1", "L2", "L3", "L4", "L5"],
              [["questions", *(sum(levels == level) for level in range(1, 6))],
               *([name, *(f"{share:.0%}" for share in row)] for name, row in shares.items())])
    show(run, gpt, vocabulary, new)
    run.keep(gpt, vocabulary=vocabulary.pieces[1:], config=sizes)
    run.metric("exact answers in L5", shares["GPT"][4])
    run.gate("exact answers to the 30 test questions of L1 to L4", exact(scores["GPT"], due)[levels <= 4].mean())
    run.gate("least lead over both baselines in L2, L3 and L4",
             min(share - max(others) for share, *others in list(zip(*shares.values()))[1:4]))
    run.gate("most that a word changes scores before it", change)
    run.gate("loss of a word held out, as a share of the bigram's", loss / bigram)


if __name__ == "__main__":
    vaswani_chatgpt.main()
