"""과제 «학습률 스케줄링»의 문제들."""

from homl11 import schedules
from homl11.checks.task import Task

TASKS = {
    "02_exponential/closure": Task(
        probes={
            "에포크 0에서는 lr0이다": lambda f: f(0.1, 20)(0),
            "s에포크 뒤에는 1/10이다": lambda f: f(0.1, 20)(20),
            "그 사이에서도 비율이 같다": lambda f: [f(0.03, 8)(epoch) for epoch in range(12)],
        },
        reference=lambda lr0, s: lambda epoch: schedules.exponential(epoch, lr0, s),
        hint="에포크가 s만큼 지날 때마다 0.1을 한 번 더 곱한 값이 되어야 합니다. 지수 자리에 무엇이 오는지 보세요.",
        mistakes={
            "나눗셈이 내림(//)입니다. s에포크가 다 지나야 바뀌는 계단이 됩니다.": lambda lr0, s: (
                lambda e: lr0 * 0.1 ** (e // s)
            ),
            "자연 지수 e의 거듭제곱을 썼습니다. 밑은 0.1입니다.": lambda lr0, s: (
                lambda e: lr0 * 2.718281828 ** (-e / s)
            ),
            "lr0을 곱하지 않았습니다. 비율만 돌려주었습니다.": lambda lr0, s: lambda e: 0.1 ** (e / s),
        },
    ),
}
