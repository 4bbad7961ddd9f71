"""Can a network answer questions about stories that it has never read?

Attention lets each word look at all the words before it. Ashish Vaswani and seven colleagues built a translator of it
alone in 2017; Alec Radford and colleagues let one half of that, the decoder, continue texts (GPT, 2018), which is what
ChatGPT does. Here a GPT of two layers reads "Ada sings. Bao reads. What does Bao do?" and continues "Bao reads." It
must look up who does what: no two sentences of a story of the test stand together in a story that it learns from. Its
maps show how: in the first layer words look at the word before them, so that in the second a name finds what came
after it earlier: the induction heads of Olsson et al. (2022).

    A. Vaswani et al., "Attention is all you need", NeurIPS 2017. arXiv:1706.03762
    A. Radford et al., "Improving language understanding by generative pre-training", OpenAI, 2018
    C. Olsson et al., "In-context learning and induction heads", 2022. arXiv:2209.11895

It has room for 256 words, so that profile_kv_cache can time longer texts, but only the first 46 places are trained.

The settings were chosen on 632 questions about fresh stories, made by the rules of the dataset with other seeds; the
size of the batches and of the first embeddings, by how soon the loss on the training stories falls, on seeds from 1000
on: `python tools/choose_vaswani_chatgpt.py` prints how the settings and their neighbours do on the fresh stories and on
the validation split. The test split had no part in it. The settings of the bag of words are the certificate's
(`evidence/talk_models.py`).
"""

import numpy as np

import tinytorch as torch
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
    """The story in another order, so that it is not learned by heart; each person's sentences stay in theirs."""
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
    starts, means = range(0, len(draw()), batch_size), []
    scheduler = torch.optim.lr_scheduler.LambdaLR(  # 50 steps up, level, and in the last fifth down
        optimizer, lambda step: min(1, (step + 1) / 50, 5.05 - 5 * step / max(1, epochs * len(starts))))
    for epoch in range(1, epochs + 1):
        lines, losses = sorted(mixed(draw()), key=lambda line: len(line[0])), []  # lines of like length share a batch
        for start in mixed(starts):
            loss = loss_of(model, lines[start : start + batch_size])
            optimizer.zero_grad()
            loss.backward()
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
    """Where each word of a question looks, and the first question of each level with what the model answers."""
    first = [next(story for story in stories if story.level == level) for level in range(1, 6)]
    looked = line(vocabulary, first[2].context, first[2].pairs[:1])[0][:-1]  # and the first word of the answer
    pieces, ends, rows = vocabulary.decode(looked), vocabulary.encode([".", "!"]), []
    with torch.no_grad():
        maps = enumerate(gpt.attention_maps(torch.tensor([looked])), start=1)
    run.heatmaps("Where each word looks", {f"layer {number}": heads[0].mean(0).numpy() for number, heads in maps},
                 pieces, pieces, "word looked at", "word that looks")
    for _, context, ((question, answer), *_) in first:
        said = vocabulary.decode(generate(gpt, vocabulary.encode(words(f"{context} {question}")), 8, ends))
        rows.append([f"{context} {question}".strip(), " ".join(said), "yes" if said == words(answer) else "no"])
    run.table("The first question of each level", ["question", "its answer", "right"], rows)


@milestone(
    year=2017,
    people="Ashish Vaswani and seven others; Alec Radford and others",
    idea="Each word looks at all the words before it, and finds its answer there.",
    data="TinyTalks: 246 questions and answers to learn from, 39 to be tested on",
    source="Vaswani et al. (2017), arXiv:1706.03762; Radford et al. (2018), OpenAI",
    epochs=72,
    gates={
        "exact answers, L1 to L4": at_least(0.95, percent=True),
        "least lead over both baselines, L2 to L4": at_least(0.25, percent=True),
        "most that a word changes scores before it": at_most(1e-6),
        "loss of a word held out, as a share of the bigram's": at_most(0.5),
    },
)
def vaswani_chatgpt(
    run: Run, width: int = 64, heads: int = 1, layers: int = 2, context: int = 256, dropout: float = 0.3,
    batch_size: int = 8, learning_rate: float = 0.003, weight_decay: float = 0.3, embedding_scale: float = 0.5,
) -> None:
    torch.manual_seed(run.seed)
    told, new = load_stories("train"), load_stories("test")
    vocabulary = Vocabulary(w for story in told for text in (story.context, *sum(story.pairs, ())) for w in words(text))
    single, asked = ([line(vocabulary, story.context, [pair]) for story in stories for pair in story.pairs]
                     for stories in (told, new))
    sizes = {"vocab": len(vocabulary), "context": context, "width": width, "heads": heads, "layers": layers}
    gpt, bag = GPT(**sizes, dropout=dropout, embedding_scale=embedding_scale), BagOfWords(len(vocabulary))
    ngram = NGram(len(vocabulary), run.seed)
    losses = train(gpt, lambda: [line(vocabulary, retold(story.context), mixed(story.pairs)) for story in told],
                   run.epochs, batch_size, learning_rate, weight_decay, run.progress)
    train(bag, lambda: single, 50, 32, 0.01, 0.01)
    ngram.fit(arrays(single))

    gpt.eval()
    read, due = arrays(asked)
    with torch.no_grad():
        loss, change = loss_of(gpt, asked).item(), max(leak(gpt, each, len(vocabulary)) for each, _ in asked)
        scores = [gpt(torch.tensor(read)).numpy(), bag(torch.tensor(read)).numpy(), ngram.scores((read, due))]
    right, levels = [exact(each, due) for each in scores], np.array([s.level for s in new for _ in s.pairs])
    shares = [[each[levels == level].mean() for level in range(1, 6)] for each in right]
    bigram = bigram_loss(arrays(single), (read, due), len(vocabulary))

    run.curve("Loss of a word of an answer", {"GPT": losses, "bigram": [bigram] * len(losses)}, "epoch", "loss")
    rows = [np.bincount(levels)[1:], *([f"{share:.0%}" for share in row] for row in shares)]
    run.table("Exact answers to questions held out", ["", "L1", "L2", "L3", "L4", "L5"],
              [[name, *row] for name, row in zip(["questions", "GPT", "bag of words", "n-gram"], rows)])
    show(run, gpt, vocabulary, new)
    run.keep(gpt, vocabulary=vocabulary.pieces[1:], config=sizes, questions=len(single),
             longest=max(len(line(vocabulary, story.context, story.pairs)[0]) for story in told))
    run.metric("exact answers in L5", shares[0][4])
    run.gate("exact answers, L1 to L4", right[0][levels <= 4].mean())
    run.gate("least lead over both baselines, L2 to L4", min(s[0] - max(s[1:]) for s in list(zip(*shares))[1:4]))
    run.gate("most that a word changes scores before it", change)
    run.gate("loss of a word held out, as a share of the bigram's", loss / bigram)


if __name__ == "__main__":
    vaswani_chatgpt.main()
