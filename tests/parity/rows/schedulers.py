"""torch.optim.lr_scheduler: the learning rates of fifty steps, of each schedule alone and of several together."""

from typing import Any

from parity.harness import programs, table

CHAINABLE = """
    S.StepLR(o, 4); S.StepLR(o, step_size=1, gamma=0.9); S.StepLR(o, 7, 0.5); S.StepLR(o, 60)
    S.MultiStepLR(o, [3, 9, 20]); S.MultiStepLR(o, milestones=[5, 5, 12], gamma=0.3); S.MultiStepLR(o, [0, 1], 0.5)
    S.ExponentialLR(o, 0.9); S.ExponentialLR(o, gamma=1.02); S.ExponentialLR(o, 0.1)
    S.LinearLR(o); S.LinearLR(o, start_factor=0.1, total_iters=20); S.LinearLR(o, 1.0, 0.0, 30); S.LinearLR(o, 0.5, 0.5)
    S.LinearLR(o, 1.0, end_factor=0.1, total_iters=48); S.LinearLR(o, 1e-3, total_iters=100)
    S.CosineAnnealingLR(o, 10); S.CosineAnnealingLR(o, T_max=50, eta_min=0.01); S.CosineAnnealingLR(o, 7, 0.02)
    S.CosineAnnealingLR(o, 200); S.CosineAnnealingLR(o, 1)
"""
OTHER = """
    S.LambdaLR(o, lambda t: 1 / (t + 1)); S.LambdaLR(o, lr_lambda=[lambda t: 0.95 ** t, lambda t: t // 10])
    S.LambdaLR(o, lambda t: min(1.0, (t + 1) / 10))
"""
CYCLE = """
    S.OneCycleLR(o, 0.5, 50); S.OneCycleLR(o, max_lr=0.5, total_steps=60); S.OneCycleLR(o, [0.5, 0.1], total_steps=50)
    S.OneCycleLR(o, 0.5, epochs=10, steps_per_epoch=5); S.OneCycleLR(o, 0.5, total_steps=50, pct_start=0.1)
    S.OneCycleLR(o, 0.5, total_steps=50, anneal_strategy="linear"); S.OneCycleLR(o, 0.5, 50, three_phase=True)
    S.OneCycleLR(o, 0.5, 50, cycle_momentum=False); S.OneCycleLR(o, 0.5, 50, base_momentum=0.7, max_momentum=0.8)
    S.OneCycleLR(o, 0.5, 50, base_momentum=[0.7, 0.6], max_momentum=[0.8, 0.9], div_factor=10., final_div_factor=100.)
    S.OneCycleLR(o, 0.5, 80, None, None, 0.4, "linear", True, 0.8, 0.9, 5.0, 50.0, True)
"""
SEVERAL = """
    S.SequentialLR(o, [S.LinearLR(o, 0.1, total_iters=5), S.CosineAnnealingLR(o, 45)], [5])
    S.SequentialLR(o, schedulers=[S.LinearLR(o, 0.1, 0.1, 20), S.ExponentialLR(o, 0.9)], milestones=[20])
    S.SequentialLR(o, [S.StepLR(o, 2), S.MultiStepLR(o, [0, 3]), S.LambdaLR(o, lambda t: 0.9 ** t)], [9, 20])
    S.SequentialLR(o, [S.LinearLR(o), S.CosineAnnealingLR(o, 6)], [10])
    S.SequentialLR(o, [S.CosineAnnealingLR(o, 6), S.ExponentialLR(o, 0.9)], [10])
    S.SequentialLR(o, [S.ExponentialLR(o, 0.5)], [])
    S.SequentialLR(o, [S.LinearLR(o, 0.5, 0.5, 3), S.LinearLR(o, 1.0, 0.0, 10), S.StepLR(o, 5)], [0, 8])
"""
GOES_ON = """
    S.StepLR(o, 4, last_epoch=$n); S.MultiStepLR(o, [3, 9, 20], 0.5, $n); S.ExponentialLR(o, 0.9, $n)
    S.LinearLR(o, 0.1, total_iters=20, last_epoch=$n)
    S.CosineAnnealingLR(o, 10, 0.01, $n)
    S.LambdaLR(o, lambda t: 0.9 ** t, $n)
"""
PLATEAU = """
    o; o, "min", 0.5, 2; o, mode="max", patience=1; o, factor=0.5, patience=0, cooldown=3; o, patience=1, min_lr=0.02
    o, patience=1, min_lr=[0.1, 0.001]; o, patience=1, threshold=0.5; o, threshold_mode="abs", threshold=0.1, patience=2
    o, "max", patience=0, threshold=0.2, threshold_mode="abs", cooldown=1; o, "max", 0.5, 1, 0.3, "rel", 2, 0, 1e-2
"""
TWO = "o = optim.SGD([dict(params=[torch.zeros(1)], lr=0.4), dict(params=[torch.zeros(1)], lr=0.03)], momentum=0.9)"
ONE = "o = optim.SGD([torch.zeros(1)], lr=1.0)"


def two_groups(torch: Any) -> Any:
    return torch.optim.SGD([{"params": [torch.zeros(1)], "lr": lr} for lr in (0.4, 0.03)])


def a_plateau_goes_on_from_its_state(torch: Any) -> Any:
    optimizer = two_groups(torch)
    first, second = (torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=n) for n in (1, 10))
    for _ in range(5):
        first.step(1.0)
    second.load_state_dict(first.state_dict())
    rates = []
    for loss in (1.0, 0.5, 0.5, 0.5, 0.5):
        second.step(loss)
        rates.append(second.get_last_lr())
    return second.patience, second.best, second.num_bad_epochs, rates


def a_plateau_minds_groups_that_joined(torch: Any) -> Any:
    optimizer = two_groups(torch)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=0)
    optimizer.add_param_group({"params": [torch.ones(1)], "lr": 0.7})
    for _ in range(3):
        scheduler.step(1.0)
    return scheduler.get_last_lr()


def a_group_may_join_later(torch: Any) -> Any:
    schedulers, rates = torch.optim.lr_scheduler, []
    for make in (
        lambda o: schedulers.StepLR(o, 1, 0.5),
        lambda o: schedulers.CosineAnnealingLR(o, 10),
        lambda o: schedulers.LinearLR(o, 0.1),
        lambda o: schedulers.ExponentialLR(o, 0.5),
    ):
        optimizer = two_groups(torch)
        scheduler = make(optimizer)
        optimizer.add_param_group({"params": [torch.ones(1)], "lr": 0.7})
        for _ in range(3):
            optimizer.step()
            scheduler.step()
        rates.append(scheduler.get_last_lr())
    return rates


def by_hand_and_by_schedule(torch: Any) -> Any:
    optimizer = two_groups(torch)
    schedulers = torch.optim.lr_scheduler
    first, second = schedulers.StepLR(optimizer, 2, 0.5), schedulers.ExponentialLR(optimizer, 0.9)
    rates = []
    for step in range(9):
        optimizer.step()
        first.step()
        second.step()
        if step == 4:
            optimizer.param_groups[0]["lr"] = 8.0
        rates.append([first.get_last_lr(), second.get_last_lr()])
    return rates


CASES = [
    *table(
        "schedulers",
        """
        rates(lambda o: $chainable)
        rates(lambda o: $chainable, tensor=True)
        rates(lambda o: $chainable, save=7)
        rates(lambda o: $other)
        rates(lambda o: $other, kind="RMSprop", tensor=True)
        rates(lambda o: $other, save=11)
        """,
        chainable=CHAINABLE,
        other=OTHER,
        tolerance=1e-12,
    ),
    *table(
        "schedulers",
        """
        rates(lambda o: $cycle, momentum=0.9)
        rates(lambda o: $cycle, kind="AdamW")
        rates(lambda o: $cycle, kind="Adam", save=20)
        """,
        cycle=CYCLE,
        tolerance=1e-12,
    ),
    *table(
        "schedulers",
        """
        rates(lambda o: $several)
        rates(lambda o: $several, tensor=True)
        rates(lambda o: $several, save=3)
        """,
        several=SEVERAL,
        tolerance=1e-12,
    ),
    *table(
        "schedulers",
        "rates(lambda o: $goes_on, done=$n, count=30)",
        goes_on=GOES_ON,
        n="0; 2; 3; 8; 11",
        tolerance=1e-12,
    ),
    *table(
        "schedulers",
        f"""
        {TWO}; s = S.ReduceLROnPlateau($plateau); h = []; $told; (h, s.best, s.num_bad_epochs, s.last_epoch, s.min_lrs)
        """,
        plateau=PLATEAU,
        told=[
            f"[(s.step({loss}), h.append(s.get_last_lr())) for t in range(40)]"
            for loss in ("1 / (t + 1)", "math.sin(t)", "1.0", "torch.tensor(math.cos(3 * t))", "nan if t % 3 else -t")
        ],
    ),
    *programs(
        "schedulers",
        a_plateau_goes_on_from_its_state,
        a_plateau_minds_groups_that_joined,
        a_group_may_join_later,
        by_hand_and_by_schedule,
    ),
    *table(
        "schedulers",
        f"""
        {ONE}; s = S.StepLR(o, 2); (s.last_epoch, s.base_lrs, s.get_last_lr(), o.param_groups[0]["initial_lr"])
        {ONE}; s = S.StepLR(o, 2); s.optimizer is o
        {ONE}; isinstance(S.StepLR(o, 2), S.LRScheduler)
        {ONE}; s = S.StepLR(o, 2); [s.step(epoch=t) for t in (0, 1, 5, 3)]; (s.get_last_lr(), s.last_epoch)
        {ONE}; s = $kind; [s.step(t) for t in (0, 9, 4)]; (s.get_last_lr(), s.last_epoch)
        {ONE}; s = S.StepLR(o, 1, 0.5); o.step(); o.param_groups[0]["lr"] = 8.0; s.step(); s.get_last_lr()
        {ONE}; s = S.StepLR(o, 2); o.add_param_group(dict(params=[torch.ones(1)])); len(s.base_lrs)
        """,
        kind="S.StepLR(o, 2); S.MultiStepLR(o, [2, 5]); S.ExponentialLR(o, 0.7); S.LinearLR(o); "
        "S.CosineAnnealingLR(o, 6, 0.1); S.LambdaLR(o, lambda t: 1 / (1 + t))",
    ),
    *table(
        "schedulers",
        f"""
        S.StepLR(3, 2)
        {ONE}; S.StepLR(o)
        {ONE}; S.StepLR(o, 2, last_epoch=3)
        {ONE}; S.LRScheduler(o)
        {ONE}; S.LinearLR(o, start_factor=0.0)
        {ONE}; S.LinearLR(o, start_factor=1.5)
        {ONE}; S.LinearLR(o, end_factor=2.0)
        {ONE}; S.LambdaLR(o, [lambda t: 1.0, lambda t: 2.0])
        {ONE}; S.OneCycleLR(o, 0.1)
        {ONE}; S.OneCycleLR(o, 0.1, epochs=3)
        {ONE}; S.OneCycleLR(o, 0.1, total_steps=0)
        {ONE}; S.OneCycleLR(o, 0.1, total_steps=2.5)
        {ONE}; S.OneCycleLR(o, 0.1, total_steps=5, pct_start=2)
        {ONE}; S.OneCycleLR(o, 0.1, total_steps=5, pct_start=1.5)
        {ONE}; S.OneCycleLR(o, 0.1, total_steps=5, anneal_strategy="step")
        {ONE}; S.OneCycleLR(o, [0.1, 0.2], total_steps=5)
        {ONE}; S.OneCycleLR(o, 0.1, total_steps=5, max_momentum=[0.1, 0.2])
        {ONE}; s = S.OneCycleLR(o, 0.1, total_steps=5); [(o.step(), s.step()) for _ in range(6)]
        S.OneCycleLR(3, 0.1, total_steps=5)
        S.OneCycleLR(optim.Adagrad([torch.zeros(1)]), 0.1, total_steps=5)
        {ONE}; S.ReduceLROnPlateau(o, factor=1.0)
        {ONE}; S.ReduceLROnPlateau(o, "least")
        {ONE}; S.ReduceLROnPlateau(o, threshold_mode="both")
        {ONE}; S.ReduceLROnPlateau(o, min_lr=[0.1, 0.2])
        {ONE}; S.ReduceLROnPlateau(o).step()
        {ONE}; S.ReduceLROnPlateau(o).step("low")
        S.ReduceLROnPlateau(3)
        {ONE}; S.SequentialLR(o, [], [])
        {ONE}; S.SequentialLR(o, [S.StepLR(o, 2)], [3])
        {ONE}; S.SequentialLR(o, [S.StepLR(o, 2), S.ReduceLROnPlateau(o)], [3])
        {ONE}; S.SequentialLR(o, [S.StepLR(o, 2), 3], [3])
        {ONE}; S.SequentialLR(o, [S.StepLR(o, 2), S.StepLR(optim.SGD([torch.zeros(1)], lr=1.0), 2)], [3])
        {ONE}; S.StepLR(o, 2, verbose=True)
        """,
        raises=True,
    ),
]
