"""Why must a transformer that writes remember what it has already worked out, and what does the memory cost?

A transformer writes one token at a time, each after looking at all those before. Asked anew for every token, it works
out the same keys and values again and again: for the n-th token its linear layers run over n tokens, and attention
compares n x n pairs. All n tokens together take O(n²) of the first and O(n³) of the second, of which there is little
until texts are long. But keys and values of the past never change, since no token sees the later ones. If they are
kept, each token is one token's work for the linear layers and n pairs for attention: O(n) and O(n²) for all. What is
paid is memory, which grows with every token.

Keeping them is folklore, done long before anyone wrote of it. Shazeer (2019, section 2.4) writes the step down, and
finds that reading the memory becomes what takes the time; Pope and others (2022) do it with the largest models.

    A. Vaswani et al., "Attention is all you need", NeurIPS 2017. arXiv:1706.03762
    N. Shazeer, "Fast transformer decoding: one write-head is all you need", 2019. arXiv:1911.02150
    R. Pope et al., "Efficiently scaling transformer inference", 2022. arXiv:2211.05102

The network is the one that vaswani_chatgpt trains (it runs first if it has not yet). No question in its data is nearly
as long as what is written here, so the later places were never trained and what it writes makes no sense; neither
equality nor time depends on that. Ten texts are written side by side, as a server does: alone, with so small a
network, what Python does around the arithmetic hides most of the gain. Both ways take turns at every token, so that
what else the machine does befalls both, and the time is the processor's. Nothing was tuned but the number of texts.
"""

import time

import numpy as np

import tinytorch as torch
from tinytorch.milestones import CannotGoOnError, Run, at_least, at_most, milestone
from tinytorch.models import GPT, KVCache

WITHOUT, WITH = "without the cache", "with the cache"
TOLERANCE = 1e-4


def rebuild(kept):
    """The network that was kept, with its weights."""
    model = GPT(**kept["config"])
    model.load_state_dict({name: torch.tensor(weights) for name, weights in kept["model"].items()})
    return model.eval()


@torch.no_grad()
def largest_difference(model, ids, prompt):
    """Between the scores of (batch, time) tokens at once, and through the cache: a prompt, then one by one."""
    cache = KVCache(model, len(ids))
    parts = [model(ids[:, :prompt], cache)]
    parts += [model(ids[:, place : place + 1], cache) for place in range(prompt, ids.shape[1])]
    return (torch.cat(parts, dim=1) - model(ids)).abs().max().item()


@torch.no_grad()
def race(run, model, ids, tokens):
    """Write `tokens` tokens after (batch, 1) first ones, both ways in turn: the seconds that each took, each way."""
    cache = KVCache(model, len(ids))
    ways = {WITHOUT: lambda: model(ids), WITH: lambda: model(ids[:, -1:], cache)}
    seconds = {way: [] for way in ways}
    for place in range(1, tokens + 1):
        for way in sorted(ways, reverse=place % 2 == 0):
            started = time.process_time()
            scores = ways[way]()
            seconds[way].append(time.process_time() - started)
        ids = torch.cat([ids, scores[:, -1:].argmax(-1)], dim=1)
        run.progress(place, tokens, unit="token")
    return seconds


def exponent(lengths, seconds):
    """The p for which the seconds grow as length to the power p, from the last but one length to the last."""
    return np.log(seconds[-1] / seconds[-2]) / np.log(lengths[-1] / lengths[-2])


@milestone(
    year=2017,
    people="Ashish Vaswani and others; Noam Shazeer",
    idea="Remember the keys and values: each new token then costs about the same.",
    data="the network that vaswani_chatgpt trained, and random tokens",
    source="Vaswani et al. (2017), arXiv:1706.03762; Shazeer (2019), arXiv:1911.02150, section 2.4",
    epochs=None,
    gates={
        "largest difference of a score": at_most(TOLERANCE),
        "times as fast over 256 tokens": at_least(3),
    },
)
def profile_kv_cache(run: Run, texts: int = 10, tokens: int = 256, prompt: int = 16) -> None:
    model = rebuild(run.trained("vaswani_chatgpt"))
    torch.manual_seed(run.seed)
    ids = torch.randint(0, model.tokens.weight.shape[0], (texts, model.context))
    difference = largest_difference(model, ids, prompt)
    run.gate("largest difference of a score", difference)
    if not difference <= TOLERANCE:
        raise CannotGoOnError(f"""With the cache the scores differ by up to {difference:.2g}: it computes something
            else, so that its time would mean nothing and is not taken""")
    run.say(f"""At all {model.context} places of {texts} texts the scores are the same with the cache and without, to
        within {difference:.1g}. Only now is anything timed.""")

    seconds = {way: np.cumsum(each) for way, each in race(run, model, ids[:, :1], tokens).items()}
    lengths = np.array([n for n in (16, 32, 64, 128, 256) if n <= tokens])
    totals = {way: each[lengths - 1] for way, each in seconds.items()}
    gain = totals[WITHOUT] / totals[WITH]
    per_token = KVCache(model, texts).nbytes // model.context
    run.curve(f"Writing {texts} texts side by side", totals, "tokens written", "processor seconds", x=lengths, log=True)
    run.table("Time and memory", ["tokens", WITHOUT, WITH, "times as fast", "kept"],
              [[n, f"{slow:.3f} s", f"{fast:.3f} s", f"{ratio:.1f}", f"{n * per_token / 1024:.0f} KiB"]
               for n, slow, fast, ratio in zip(lengths, totals[WITHOUT], totals[WITH], gain)])
    growth = {way: exponent(lengths, each) for way, each in totals.items()}
    run.say(f"""From {lengths[-2]} tokens to {lengths[-1]} the time without the cache grows as n to the power
        {growth[WITHOUT]:.1f}, with it as n to the power {growth[WITH]:.1f}. The price is {per_token / 1024:.0f} KiB
        of keys and values for each token of {texts} texts.""")
    run.metric("bytes kept for each token", per_token)
    for way in totals:
        run.metric(f"seconds for {lengths[-1]} tokens, {way}", totals[way][-1])
        run.metric(f"power with which the seconds grow, {way}", growth[way])
    if tokens >= 256:
        run.gate("times as fast over 256 tokens", gain[-1])


if __name__ == "__main__":
    profile_kv_cache.main()
